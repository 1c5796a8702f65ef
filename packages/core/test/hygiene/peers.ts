import type { IncomingMessage } from 'node:http'
import { openEnvelope } from '#src/transport/go/envelope.js'
import { decodeRequest, encodeRequest } from '#src/transport/go/request.js'
import { decodeResponse, encodeResponse } from '#src/transport/go/response.js'
import type { SleuthOptions } from '#src/types.js'
import { FakeNetwork } from '../fake-network.js'
import { join } from '../harness.js'
import { readFrames, writePacket } from '../transport/streams/frames.js'

const group = 'SLEUTH-v1'

export const wires = [1, 2] as const
export type WireNumber = (typeof wires)[number]

/** What a peer writes that heeds no rule. Headers alternate names and values. */
export interface RawRequest {
  method?: string
  url?: string
  headers?: string[]
  body?: string
}

export interface RawReply {
  status?: number
  headers?: string[]
  body?: string
}

/** What a handler saw. */
export interface Seen {
  method: string | undefined
  url: string | undefined
  rawHeaders: string[]
  headers: IncomingMessage['headers']
  body: string
}

/** A service, and a peer of it that sends what it likes. */
export async function attacked(wire: WireNumber, options: SleuthOptions = {}) {
  const network = new FakeNetwork()
  const seen: Seen[] = []
  const service = await join(network, {
    service: 'foo',
    handler: async (req, res) => {
      const { method, url, rawHeaders, headers } = req
      let body = ''
      for await (const chunk of req) body += chunk
      seen.push({ method, url, rawHeaders, headers, body })
      res.end('seen')
    },
    ...options,
  })
  const peer = network.add({ headers: { 'sleuth-wire': String(wire) } })
  const send = ({ method = 'GET', url = '/', headers = [], body = '' }: RawRequest): Promise<number> => {
    const bytes = Buffer.from(body)
    const request = { destination: peer.id, handle: '1', method, url, headers, body: bytes }
    const frame = {
      kind: 'request',
      stream: 1,
      deadline: 0,
      method,
      url,
      headers,
      body: bytes,
      end: true,
    } as const
    const status = new Promise<number>((resolve) => {
      peer.once('whisper', (_, [content = Buffer.alloc(0)]) => {
        if (wire === 1) resolve(decodeResponse(openEnvelope(group, content).zipped, 1 << 20).code)
        else for (const one of readFrames(content)) if (one.kind === 'response') resolve(one.status)
      })
    })
    peer.whisper(service.node.id, wire === 1 ? encodeRequest(group, request) : writePacket(frame))
    return status
  }
  return { seen, send, service }
}

/** A peer that answers for `foo` as it likes, and a caller of it. */
export async function deceived(wire: WireNumber, reply: () => RawReply, options: SleuthOptions = {}) {
  const network = new FakeNetwork()
  const caller = await join(network, options)
  const asked: { headers: string[] }[] = []
  const peer = network.add({
    groups: [group],
    headers: (id) => ({ group, node: id, type: 'foo', 'sleuth-wire': String(wire) }),
  })
  peer.on('whisper', (from, [content = Buffer.alloc(0)]) => {
    const { status = 200, headers = [], body = '' } = reply()
    const bytes = Buffer.from(body)
    if (wire === 1) {
      const request = decodeRequest(openEnvelope(group, content).zipped, 1 << 20)
      asked.push(request)
      const { handle } = request
      peer.whisper(from.id, encodeResponse(group, { handle, code: status, headers, body: bytes }))
      return
    }
    for (const frame of readFrames(content)) {
      if (frame.kind !== 'request') continue
      asked.push(frame)
      const { stream } = frame
      const answer = {
        kind: 'response',
        stream,
        status,
        message: '',
        headers,
        body: bytes,
        end: true,
      } as const
      peer.whisper(from.id, writePacket(answer))
    }
  })
  return { caller, sleuth: caller.sleuth, asked }
}
