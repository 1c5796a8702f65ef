// zeromq.js alone: gives each message back. What any library on it can at most reach.
import { Router } from 'zeromq'
import { serve } from '../lib/echo.js'

const router = new Router({ receiveHighWaterMark: 0, sendHighWaterMark: 0 })
await router.bind('tcp://127.0.0.1:*')
serve({ endpoint: router.lastEndpoint }, async () => router.close())
for await (const frames of router) await router.send(frames)
