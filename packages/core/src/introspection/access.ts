import { handleRejection } from '../shared/thenable.js'
import type { InspectSubject, SleuthPeer } from '../types.js'

/** The option `introspection`. */
export type Access = boolean | ((peer: SleuthPeer) => boolean) | undefined

/** What decides where the option is not set. */
export interface Surroundings {
  /** Only programs of this host reach the node. */
  readonly loopback: boolean
  /** Whoever asks holds a key that is let in. */
  readonly closed: boolean
}

/**
 * Whether a peer may ask. Where nobody has decided, all subjects are open among the programs of a host and among those who hold
 * keys, and `info` to everyone. A function lets in those for whom it returns `true`. `wrong` is told when it throws, and when it
 * returns neither `true` nor `false`.
 */
export function mayAsk(
  access: Access,
  subject: InspectSubject,
  { loopback, closed }: Surroundings,
  peer: () => SleuthPeer,
  wrong: (why: unknown) => void,
): boolean {
  if (access === undefined) return subject === 'info' || loopback || closed
  if (typeof access === 'boolean') return access
  try {
    const answer: unknown = access(peer())
    if (typeof answer === 'boolean') return answer
    handleRejection(answer)
    wrong(new TypeError('it returned neither true nor false'))
  } catch (error) {
    wrong(error)
  }
  return false
}
