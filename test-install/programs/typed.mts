import { createSleuth, type Sleuth, SleuthError } from '@sleuth/core'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth from '@sleuth/koa'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'

const fastify = Fastify()
await fastify.register(fastifySleuth, 'fastify-service')
fastify.get('/', async (request) => (await request.sleuth.do('sleuth://other/')).text())
const app = express()
app.use(expressSleuth('express-service'))
app.get('/', async (req, res) => {
  res.send(await (await req.sleuth.do('sleuth://other/')).text())
})
const koa = new Koa()
koa.use(koaSleuth({ service: 'koa-service' }, koa))
koa.use(async (ctx) => {
  ctx.body = (await ctx.sleuth.request('sleuth://other/')).body
})
const sleuth: Sleuth = await createSleuth({ timeout: 1000 })
try {
  await sleuth.waitFor('other', { timeout: 1 })
} catch (error) {
  if (error instanceof SleuthError) console.log(error.code)
}
