import { nextSequence, type PeerState, spoke } from './peer.js'

/** The number of the next message to a peer. Every number that is given goes out: peers take a hole for lost messages. */
export function takeSequence(peer: PeerState): number {
  peer.sent = nextSequence(peer.sent)
  return peer.sent
}

/** Whether a message with this number is the next one of a peer that is present. All others are for `step` to decide. */
export function isNext(peer: PeerState, sequence: number): boolean {
  return peer.view !== undefined && sequence === peer.expectedSequence
}

/** Takes note of a message for which `isNext` holds. */
export function countReceived(peer: PeerState, now: number): void {
  peer.expectedSequence = nextSequence(peer.expectedSequence)
  spoke(peer, now)
}
