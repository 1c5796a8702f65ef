const { createSleuth } = require('@sleuth/core')
const expressSleuth = require('@sleuth/express')
const fastifySleuth = require('@sleuth/fastify')
const koaSleuth = require('@sleuth/koa')
const express = require('express')
const Fastify = require('fastify')
const Koa = require('koa')

async function main() {
  const fastify = Fastify()
  await fastify.register(fastifySleuth, 'fastify-service')
  fastify.get('/', () => 'fastify')
  await fastify.ready()

  const expressApp = express()
  const expressJoin = expressSleuth('express-service')
  expressApp.use(expressJoin)
  expressApp.get('/', (_req, res) => res.send('express'))
  await expressJoin.ready

  const koa = new (Koa.default ?? Koa)()
  const koaJoin = koaSleuth({ service: 'koa-service' }, koa)
  koa.use(koaJoin)
  koa.use((ctx) => {
    ctx.body = 'koa'
  })
  await koaJoin.ready

  const caller = await createSleuth({ timeout: 10_000 })
  const services = ['fastify-service', 'express-service', 'koa-service']
  await caller.waitFor(services, 20_000)
  const answers = await Promise.all(
    services.map(async (name) => (await caller.do(`sleuth://${name}/`)).text()),
  )
  console.log(answers.join(' '))

  await caller.close()
  await koaJoin.close()
  await expressJoin.close()
  await fastify.close()
}

main()
