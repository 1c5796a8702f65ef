// @ts-check
import { createSleuth, SleuthError } from '@sleuth/core'
import { options } from './options.js'
import { serve } from './serve.js'

const sleuth = await createSleuth(options)

serve(sleuth, async (_req, res) => {
  try {
    const { status, body } = await sleuth.request('sleuth://hello/', { waitFor: true, timeout: 2_000 })
    res.writeHead(status).end(body)
  } catch (error) {
    const code = error instanceof SleuthError ? error.code : String(error)
    res.writeHead(503).end(`hello does not answer: ${code}\n`)
  }
})
