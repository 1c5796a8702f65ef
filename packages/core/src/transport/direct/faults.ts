import { sleuthError } from '../../shared/errors.js'
import { PacketFault } from '../streams/packet-fault.js'

/** Whether TLS has ended a connection: something was changed on the way, or the other end breaks its rules. */
export function isTlsFault(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith('ERR_SSL_') ?? false
}

/** What ended a connection, with a code. What a handler threw stays as it is. */
export function codedFault(error: unknown): unknown {
  if (error instanceof PacketFault)
    return sleuthError('SLEUTH_PACKET', { why: error.message }, { cause: error })
  if (error instanceof Error && isTlsFault(error)) {
    const { code } = error as NodeJS.ErrnoException
    return sleuthError(
      'SLEUTH_CONNECTION',
      { why: `what came by it is not as TLS has it: ${code}` },
      { cause: error },
    )
  }
  return error
}
