import { createSleuth } from '@sleuth/core'
import expressSleuth from '@sleuth/express'
import fastifySleuth from '@sleuth/fastify'
import koaSleuth from '@sleuth/koa'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'

const fastify = Fastify()
await fastify.register(fastifySleuth, 'fastify-service')
fastify.get('/', () => 'fastify')
await fastify.ready()

const expressApp = express()
const expressJoin = expressSleuth('express-service')
expressApp.use(expressJoin)
expressApp.get('/', (_req, res) => res.send('express'))
await expressJoin.ready

const koa = new Koa()
const koaJoin = koaSleuth({ service: 'koa-service' }, koa)
koa.use(koaJoin)
koa.use((ctx) => {
  ctx.body = 'koa'
})
await koaJoin.ready

const caller = await createSleuth({ timeout: 10_000 })
const services = ['fastify-service', 'express-service', 'koa-service']
await caller.waitFor(services, 20_000)
const answers = await Promise.all(services.map(async (name) => (await caller.do(`sleuth://${name}/`)).text()))
console.log(answers.join(' '))

await caller.close()
await koaJoin.close()
await expressJoin.close()
await fastify.close()
