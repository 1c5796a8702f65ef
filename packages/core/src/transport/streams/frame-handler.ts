import type { ResetReason } from '../transport.js'
import { ControlKind, isEvent, isInspect, isMembership, Kind, resetReason } from './format.js'
import type { FrameFields } from './frame-fields.js'

/** Gets frames in their order. A body may be a view of the bytes that were read. */
export interface FrameHandler {
  /** `headBytes`: all of the frame but its body. */
  request(
    stream: number,
    deadline: number,
    method: string,
    url: string,
    headers: string[],
    body: Buffer,
    end: boolean,
    headBytes: number,
  ): void
  response(
    stream: number,
    status: number,
    message: string,
    headers: string[],
    body: Buffer,
    end: boolean,
  ): void
  callerData(stream: number, body: Buffer, end: boolean): void
  serviceData(stream: number, body: Buffer, end: boolean): void
  /** Memory for the next bytes of a body that is gathered in one piece: they are copied there. */
  place?(stream: number, length: number): Buffer | undefined
  callerReset(stream: number, why: ResetReason): void
  serviceReset(stream: number, why: ResetReason): void
  callerCredit(stream: number, bytes: number): void
  serviceCredit(stream: number, bytes: number): void
  /** A frame that concerns no stream. */
  control?(kind: number, number: number, payload: Buffer): void
}

/** Frames of a peer, in the order in which they came. */
export interface FrameSource {
  /** Whether all of them are read. Throws a `PacketFault` for what can not be read. */
  read(handler: FrameHandler, mayGoOn: () => boolean): boolean
}

/** Hands out one frame, whose payload is open in `fields`. Unknown kinds are passed over. */
export function readFrame(
  kind: number,
  end: boolean,
  stream: number,
  fields: FrameFields,
  handler: FrameHandler,
): void {
  switch (kind) {
    case Kind.request: {
      const deadline = fields.u32()
      const { first, url, headers } = fields.head('request')
      const { read } = fields
      handler.request(stream, deadline, first, url, headers, fields.rest(), end, read)
      return
    }
    case Kind.response: {
      const status = fields.u16()
      const { first, headers } = fields.head('response')
      handler.response(stream, status, first, headers, fields.rest(), end)
      return
    }
    case Kind.callerData:
      handler.callerData(stream, fields.rest(), end)
      return
    case Kind.serviceData:
      handler.serviceData(stream, fields.rest(handler.place?.(stream, fields.left)), end)
      return
    case Kind.callerReset:
      handler.callerReset(stream, resetReason(fields.u16()))
      return
    case Kind.serviceReset:
      handler.serviceReset(stream, resetReason(fields.u16()))
      return
    case Kind.callerCredit:
      handler.callerCredit(stream, fields.u32())
      return
    case Kind.serviceCredit:
      handler.serviceCredit(stream, fields.u32())
      return
    case ControlKind.connect:
    case ControlKind.offer:
    case ControlKind.ping:
    case ControlKind.pong:
    case ControlKind.ready:
      handler.control?.(kind, stream, fields.rest())
      return
    default:
      if (isMembership(kind) || isInspect(kind) || isEvent(kind))
        handler.control?.(kind, stream, fields.rest())
  }
}
