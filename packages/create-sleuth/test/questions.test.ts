import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { it } from 'node:test'
import type { Asked } from '#src/arguments.js'
import { choose, NoAnswer } from '#src/questions.js'

const nothing: Asked = { help: false, name: undefined, framework: undefined, typescript: undefined }

/** A terminal where somebody answers each question in turn, and then gives up. */
function answering(...answers: string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stdout = new PassThrough().setEncoding('utf8')
  let shown = ''
  stdout.on('data', (text: string) => {
    shown += text
    if (!text.endsWith(']: ')) return
    const answer = answers.shift()
    if (answer === undefined) stdin.end()
    else stdin.write(`${answer}\n`)
  })
  return { terminal: { stdin, stdout, stderr: stdout }, shown: () => shown }
}

it('asks for everything', async () => {
  const { terminal, shown } = answering('users', 'koa', 'no')
  assert.deepEqual(await choose(nothing, terminal), { name: 'users', framework: 'koa', typescript: false })
  assert.match(shown(), /Name of the service \[my-service\]: /)
})

it('takes what is usual for an empty answer', async () => {
  const { terminal } = answering('', ' ', 'Y')
  const usual = { name: 'my-service', framework: 'fastify', typescript: true }
  assert.deepEqual(await choose(nothing, terminal), usual)
})

it('asks again where an answer will not do', async () => {
  const { terminal, shown } = answering('My Service', 'a', 'rails', 'hono', 'perhaps', 'yes')
  assert.deepEqual(await choose(nothing, terminal), { name: 'a', framework: 'hono', typescript: true })
  assert.match(shown(), /"My Service" is no name for a service/)
  assert.match(shown(), /"rails" is none of the frameworks/)
  assert.match(shown(), /"perhaps" is neither yes nor no/)
})

it('asks only for what is not said', async () => {
  const { terminal, shown } = answering('no')
  await choose({ ...nothing, name: 'a', framework: 'koa' }, terminal)
  assert.doesNotMatch(shown(), /Name|Framework/)
})

it('ends when the question is given up', async () => {
  await assert.rejects(choose(nothing, answering('a').terminal), NoAnswer)
})

it('asks nobody where there is no terminal', async () => {
  const usual = { name: 'my-service', framework: 'fastify', typescript: true }
  const stream = new PassThrough()
  assert.deepEqual(await choose(nothing, { stdin: stream, stdout: stream, stderr: stream }), usual)
})
