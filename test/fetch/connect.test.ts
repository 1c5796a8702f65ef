import { describe } from 'node:test'
import { create, createFileRegistry } from '@bufbuild/protobuf'
import type { GenService } from '@bufbuild/protobuf/codegenv2'
import {
  FileDescriptorProtoSchema,
  file_google_protobuf_wrappers,
  type StringValueSchema,
} from '@bufbuild/protobuf/wkt'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import { createConnectTransport } from '@connectrpc/connect-web'
import { type Fetch, serveBoth } from './both.js'

const text = '.google.protobuf.StringValue'

type Text = typeof StringValueSchema
type Bears = GenService<{
  greet: { methodKind: 'unary'; input: Text; output: Text }
  count: { methodKind: 'server_streaming'; input: Text; output: Text }
}>

/** What protoc would make of a file with one service. */
const file = create(FileDescriptorProtoSchema, {
  name: 'bears.proto',
  syntax: 'proto3',
  dependency: ['google/protobuf/wrappers.proto'],
  service: [
    {
      name: 'Bears',
      method: [
        { name: 'Greet', inputType: text, outputType: text },
        { name: 'Count', inputType: text, outputType: text, serverStreaming: true },
      ],
    },
  ],
})
const registry = createFileRegistry(file, (name) =>
  name === 'google/protobuf/wrappers.proto' ? file_google_protobuf_wrappers : undefined,
)
const Bears = registry.getService('Bears') as unknown as Bears

const adapter = connectNodeAdapter({
  routes: (router) => {
    router.service(Bears, {
      greet({ value }) {
        if (value === '') throw new ConnectError('nobody to greet', Code.InvalidArgument)
        return { value: `Hello ${value}` }
      },
      async *count({ value }) {
        for (let number = 1; number <= Number(value); number++) yield { value: String(number) }
        if (value === '2') throw new ConnectError('tired', Code.ResourceExhausted)
      },
    })
  },
})

describe('connectrpc', () => {
  const { same } = serveBoth(adapter as never)
  for (const useBinaryFormat of [true, false]) {
    const format = useBinaryFormat ? 'binary' : 'JSON'
    const client = (baseUrl: string, fetch: Fetch) =>
      createClient(Bears, createConnectTransport({ baseUrl, fetch, useBinaryFormat }))
    const count = async (base: string, fetch: Fetch, value: string) => {
      const values: string[] = []
      try {
        for await (const answer of client(base, fetch).count({ value })) values.push(answer.value)
      } catch (error) {
        values.push(`${(error as ConnectError).code} ${(error as ConnectError).rawMessage}`)
      }
      return values
    }

    same(
      `calls, ${format}`,
      async ({ base, fetch }) => (await client(base, fetch).greet({ value: 'Ursula' })).value,
    )
    same(`tells of an error, ${format}`, ({ base, fetch }) =>
      client(base, fetch)
        .greet({ value: '' })
        .then(
          () => undefined,
          (error: ConnectError) => [error.code, error.rawMessage],
        ),
    )
    same(`streams, ${format}`, ({ base, fetch }) => count(base, fetch, '4'))
    same(`tells of an error in a stream, ${format}`, ({ base, fetch }) => count(base, fetch, '2'))
    same(`gives up after its own deadline, ${format}`, ({ base, fetch }) =>
      client(base, fetch)
        .greet({ value: 'late' }, { signal: AbortSignal.abort() })
        .then(
          () => undefined,
          (error: ConnectError) => [error.code, error.rawMessage],
        ),
    )
  }
})
