// @ts-check
import { hostname } from 'node:os'
import { createSleuth } from '@sleuth/core'
import { options } from './options.js'
import { serve } from './serve.js'

/** @type {import('node:http').RequestListener} */
const hello = (_req, res) => {
  res.end(`Hello from ${hostname()}\n`)
}

const sleuth = await createSleuth({ service: 'hello', handler: hello, ...options })
serve(sleuth, hello)
