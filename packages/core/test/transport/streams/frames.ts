import type { FrameHandler } from '#src/transport/streams/frame-handler.js'
import { PacketFault } from '#src/transport/streams/packet-fault.js'
import { readPacket } from '#src/transport/streams/reader.js'
import { PacketWriter } from '#src/transport/streams/writer.js'
import type { ResetReason } from '#src/transport/transport.js'

interface On<K extends string> {
  readonly kind: K
  readonly stream: number
}

export interface RequestFrame extends On<'request'> {
  readonly deadline: number
  readonly method: string
  readonly url: string
  readonly headers: string[]
  readonly body: Buffer
  readonly end: boolean
}

export interface ResponseFrame extends On<'response'> {
  readonly status: number
  readonly message: string
  readonly headers: string[]
  readonly body: Buffer
  readonly end: boolean
}

export interface DataFrame extends On<'callerData' | 'serviceData'> {
  readonly body: Buffer
  readonly end: boolean
}

export interface ResetFrame extends On<'callerReset' | 'serviceReset'> {
  readonly why: ResetReason
}

export interface CreditFrame extends On<'callerCredit' | 'serviceCredit'> {
  readonly bytes: number
}

/** A frame as a value, so that packets can be compared. */
export type Frame = RequestFrame | ResponseFrame | DataFrame | ResetFrame | CreditFrame

/** Keeps the frames that it is handed. */
export function collector(): { frames: Frame[]; handler: FrameHandler } {
  const frames: Frame[] = []
  const handler: FrameHandler = {
    request: (stream, deadline, method, url, headers, body, end) =>
      frames.push({ kind: 'request', stream, deadline, method, url, headers, body, end }),
    response: (stream, status, message, headers, body, end) =>
      frames.push({ kind: 'response', stream, status, message, headers, body, end }),
    callerData: (stream, body, end) => frames.push({ kind: 'callerData', stream, body, end }),
    serviceData: (stream, body, end) => frames.push({ kind: 'serviceData', stream, body, end }),
    callerReset: (stream, why) => frames.push({ kind: 'callerReset', stream, why }),
    serviceReset: (stream, why) => frames.push({ kind: 'serviceReset', stream, why }),
    callerCredit: (stream, bytes) => frames.push({ kind: 'callerCredit', stream, bytes }),
    serviceCredit: (stream, bytes) => frames.push({ kind: 'serviceCredit', stream, bytes }),
  }
  return { frames, handler }
}

/** All frames of a packet that is well-formed. */
export function readFrames(packet: Buffer): Frame[] {
  const { frames, handler } = collector()
  readPacket(packet, handler)
  return frames
}

/** The frames of any bytes at all, up to the fault. Whatever else is thrown is thrown on. */
export function tryFrames(packet: Buffer): { frames: Frame[]; fault: PacketFault | undefined } {
  const { frames, handler } = collector()
  try {
    readPacket(packet, handler)
  } catch (error) {
    if (error instanceof PacketFault) return { frames, fault: error }
    throw error
  }
  return { frames, fault: undefined }
}

export function writePacket(...frames: readonly Frame[]): Buffer {
  const writer = new PacketWriter()
  for (const frame of frames) write(writer, frame)
  return writer.take()
}

function write(writer: PacketWriter, frame: Frame): void {
  const { stream } = frame
  switch (frame.kind) {
    case 'request': {
      const { deadline, method, url, headers, body, end } = frame
      writer.request(stream, deadline, method, url, headers, body, end)
      break
    }
    case 'response':
      writer.response(stream, frame.status, frame.message, frame.headers, frame.body, frame.end)
      break
    case 'callerData':
    case 'serviceData':
      writer.data(speaker(frame.kind), stream, frame.body, frame.end)
      break
    case 'callerReset':
    case 'serviceReset':
      writer.reset(speaker(frame.kind), stream, frame.why)
      break
    default:
      writer.credit(speaker(frame.kind), stream, frame.bytes)
  }
}

function speaker(kind: `${'caller' | 'service'}${string}`): 'caller' | 'service' {
  return kind.startsWith('caller') ? 'caller' : 'service'
}
