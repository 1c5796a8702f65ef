import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe } from 'node:test'
import { buildSchema, graphql } from 'graphql'
import { ClientError, GraphQLClient } from 'graphql-request'
import OpenAI from 'openai'
import { text } from './app.js'
import { type Fetch, serveBoth } from './both.js'

describe('graphql-request', () => {
  const schema = buildSchema('type Query { greet(name: String!): String, fails: String }')
  const rootValue = {
    greet: ({ name }: { name: string }) => `Hello ${name}`,
    fails: () => {
      throw new Error('on purpose')
    },
  }
  const { same } = serveBoth(async (req, res) => {
    const { query, variables } = JSON.parse(await text(req))
    const result = await graphql({ schema, source: query, rootValue, variableValues: variables })
    res.setHeader('content-type', 'application/graphql-response+json').end(JSON.stringify(result))
  })
  const client = (base: string, fetch: Fetch) => new GraphQLClient(`${base}/graphql`, { fetch })

  same('queries with variables', ({ base, fetch }) =>
    client(base, fetch).request('query Q($name: String!) { greet(name: $name) }', { name: 'ü' }),
  )
  same('throws what the server answers', async ({ base, fetch }) => {
    try {
      return await client(base, fetch).request('{ fails }')
    } catch (error) {
      return error instanceof ClientError && error.response.errors
    }
  })
})

describe('openai', () => {
  let failures = 0
  const { same } = serveBoth(complete)
  const client = (base: string, fetch: Fetch) =>
    new OpenAI({ apiKey: 'key', baseURL: `${base}/v1`, fetch, maxRetries: 2 })
  const messages = [{ role: 'user' as const, content: 'Hello' }]

  same('completes', async ({ base, fetch }) => {
    const { choices } = await client(base, fetch).chat.completions.create({ model: 'bear', messages })
    return choices[0]?.message.content
  })
  same('streams', async ({ base, fetch }) => {
    const parts: unknown[] = []
    const stream = await client(base, fetch).chat.completions.create({
      model: 'bear',
      messages,
      stream: true,
    })
    for await (const { choices } of stream) parts.push(choices[0]?.delta.content)
    return parts
  })
  same('tries again, and then answers', async ({ base, fetch }) => {
    failures = 1
    const { choices } = await client(base, fetch).chat.completions.create({ model: 'bear', messages })
    return [choices[0]?.message.content, failures]
  })
  same('tells of a 400', ({ base, fetch }) =>
    client(base, fetch)
      .chat.completions.create({ model: 'none', messages })
      .then(
        () => undefined,
        (error) => [error.constructor.name, error.status, error.message],
      ),
  )
  same('uploads a file', async ({ base, fetch }) => {
    const file = new File(['{"a":1}'], 'a.jsonl', { type: 'application/jsonl' })
    return client(base, fetch).files.create({ file, purpose: 'batch' })
  })
  same('gives up after its own timeout', ({ base, fetch }) =>
    client(base, fetch)
      .chat.completions.create({ model: 'slow', messages }, { timeout: 50, maxRetries: 0 })
      .then(
        () => undefined,
        (error) => [error.constructor.name, error.message],
      ),
  )

  async function complete(req: IncomingMessage, res: ServerResponse): Promise<void> {
    res.setHeader('content-type', 'application/json')
    if (req.url === '/v1/files') {
      const form = await new Response(await text(req), {
        headers: { 'content-type': req.headers['content-type'] ?? '' },
      }).formData()
      const file = form.get('file') as File
      res.end(JSON.stringify({ id: file.name, purpose: form.get('purpose'), bytes: file.size }))
      return
    }
    const { model, stream } = JSON.parse(await text(req))
    if (model === 'slow') return
    if (failures > 0) {
      failures--
      res.writeHead(503, { 'retry-after-ms': '1' }).end('{}')
    } else if (model === 'none') {
      res.writeHead(400).end('{"error":{"message":"no such model"}}')
    } else if (stream) {
      res.setHeader('content-type', 'text/event-stream')
      for (const content of ['Hel', 'lo']) {
        res.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`)
      }
      res.end('data: [DONE]\n\n')
    } else {
      res.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Hello' } }] }))
    }
  }
})
