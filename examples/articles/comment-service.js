// @ts-check
import sleuth from '@sleuth/express'
import express from 'express'
import { listening, running, stopListening } from '../lifecycle.js'
import { network } from '../network.js'
import { comments } from './data.js'

const app = express()
const join = sleuth({ service: 'comment-service', ...network })
app.use(join)

app.get('/comments', (req, res) => {
  // Tells several instances of the service apart.
  res.set('x-pid', String(process.pid))
  res.json(comments.filter(({ article }) => article === req.query.article))
})

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1')
const url = await listening(server)
await join.ready

running({ service: 'comment-service', framework: 'Express', url }, async () => {
  await join.leave()
  await stopListening(server)
  await join.close()
})
