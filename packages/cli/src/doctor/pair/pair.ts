import { randomBytes } from 'node:crypto'
import type { Network } from '@sleuth/zre/diagnostics'
import type { Finding } from '../check.js'
import { compare } from './compare.js'
import { Connections } from './connections.js'
import { Datagrams } from './datagrams.js'
import { encodePairMessage, type PairMessage, type Way } from './message.js'
import { PairState } from './state.js'

export interface PairOptions {
  /** Both machines have the same: others are ignored. */
  readonly word: string
  readonly network: Network
  /** UDP port for discovery. */
  readonly port: number
  /** The TCP port to listen at. If it is taken, any. */
  readonly tcpPort: number
  /** Where the other is, if datagrams do not reach it. */
  readonly address: string | undefined
  /** Milliseconds to wait for the other. */
  readonly wait: number
  readonly signal: AbortSignal
}

/** Milliseconds between two messages, */
const ROUND_MS = 250
/** from the first message of the other to the end, */
const TALK_MS = 5000
/** and for which what is complete is still told. */
const LAST_MS = 1000

/** Exchanges messages with another machine by every way, and compares what each hears. */
export async function pair(options: PairOptions): Promise<Finding[]> {
  const { word, network, port, signal } = options
  const own = randomBytes(4).toString('hex')
  const state = new PairState(own)
  const encode = (way: Way) =>
    encodePairMessage(word, {
      from: own,
      about: state.other,
      heard: state.heard,
      tcpPort: connections.port,
      way,
    })
  /** Where the other listens: as we were told, until it says so itself. */
  let there = options.address === undefined ? undefined : { address: options.address, port: options.tcpPort }
  const receive = (message: PairMessage, way: Way, address: string) => {
    if (state.receive(message, way)) there = { address, port: message.tcpPort }
  }
  const connections = new Connections({ word, encode, onMessage: receive })
  const datagrams = new Datagrams({ word, network, port, onMessage: receive })
  try {
    await connections.listen(network, options.tcpPort)
    await datagrams.open()
    await rounds(state, options, () => {
      datagrams.send(encode)
      if (there !== undefined) connections.dial(there)
      connections.send()
    })
    signal.throwIfAborted()
    const { heard, theirs } = state
    const where = { here: network.address, there: there?.address }
    return compare({ word, port, ...where, heard, theirs, dialError: connections.dialError })
  } finally {
    datagrams.close()
    connections.close()
  }
}

/** Runs until all is known, or the time is over. */
function rounds(state: PairState, { wait, signal }: PairOptions, send: () => void): Promise<void> {
  return new Promise((resolve) => {
    const start = performance.now()
    let end = start + wait
    let hasMet = false
    let isComplete = false
    const round = () => {
      const now = performance.now()
      if (!hasMet && state.other !== undefined) {
        hasMet = true
        end = now + TALK_MS
      }
      if (!isComplete && state.isComplete) {
        isComplete = true
        end = now + LAST_MS
      }
      if (now >= end || signal.aborted) {
        clearInterval(timer)
        resolve()
      } else send()
    }
    const timer = setInterval(round, ROUND_MS)
    round()
  })
}
