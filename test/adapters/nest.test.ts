import 'reflect-metadata'
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Controller, Get, type INestApplication, Module, Param } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { Sleuth } from '@sleuth/core'
import { InjectSleuth, RequestSleuth, SleuthModule } from '@sleuth/nest'
import { SleuthClient, type SleuthContext, SleuthServer } from '@sleuth/nest/microservices'
import { firstValueFrom, from, lastValueFrom, toArray } from 'rxjs'
import { method } from './nest-decorate.js'
import { caller, network } from './network.js'

const on = await network()
const client = await caller(on)
after(() => client.close())

class Greeter {
  constructor(readonly sleuth: Sleuth) {}

  hello(name: string) {
    return { hello: name }
  }

  async fails(own: Sleuth) {
    return (await own.do('sleuth://nest-nobody/')).text()
  }

  async calls(own: Sleuth) {
    return { same: typeof own.do, seen: this.sleuth.services().length > 0 }
  }
}
Controller()(Greeter)
InjectSleuth()(Greeter, undefined as never, 0)
method(Greeter.prototype, 'hello', [Get('hello/:name')], [Param('name')])
method(Greeter.prototype, 'calls', [Get('calls')], [RequestSleuth()])
method(Greeter.prototype, 'fails', [Get('fails')], [RequestSleuth()])

function moduleOf(imports: object[]) {
  class AppModule {}
  Module({ imports: imports as never, controllers: [Greeter] })(AppModule)
  return AppModule
}

const platforms: Record<string, (module: new () => object) => Promise<INestApplication>> = {
  express: (module) => NestFactory.create(module, { logger: false }),
  fastify: (module) => NestFactory.create(module, new FastifyAdapter() as never, { logger: false }),
}

for (const [platform, create] of Object.entries(platforms)) {
  describe(`NestJS on ${platform}`, { timeout: 60_000 }, () => {
    test('is a service, gives clients, and leaves when it closes', async () => {
      const service = `nest-${platform}`
      const app = await create(moduleOf([SleuthModule.forRoot({ service, ...on, timeout: 10_000 })]))
      await app.listen(0, '127.0.0.1')
      await client.waitFor(service, { timeout: 10_000 })
      assert.deepEqual(await (await client.do(`sleuth://${service}/hello/bear`)).json(), { hello: 'bear' })
      assert.equal((await client.do(`sleuth://${service}/nowhere`)).status, 404)
      const url = await app.getUrl()
      assert.equal((await fetch(`${url}/fails`)).status, 503)
      assert.equal((await client.do(`sleuth://${service}/fails`)).status, 503)
      for (const response of [await client.do(`sleuth://${service}/calls`), await fetch(`${url}/calls`)]) {
        assert.equal(((await response.json()) as { same: string }).same, 'function')
      }
      await app.close()
      await assert.rejects(client.do(`sleuth://${service}/hello/bear`), { code: 'SLEUTH_UNKNOWN_SERVICE' })
    })

    test('takes its options from a factory, and joins without a port', async () => {
      const service = `nest-async-${platform}`
      const token = Symbol('token')
      class ConfigModule {}
      Module({ providers: [{ provide: token, useValue: service }], exports: [token] })(ConfigModule)
      const sleuth = SleuthModule.forRootAsync({
        imports: [ConfigModule],
        inject: [token],
        useFactory: (name: string) => ({ service: name, ...on }),
      })
      const app = await create(moduleOf([sleuth]))
      await app.init()
      await client.waitFor(service, { timeout: 10_000 })
      assert.equal((await client.do(`sleuth://${service}/hello/bear`)).status, 200)
      await app.close()
    })
  })
}

class MathHandlers {
  seen: unknown[] = []

  sum(numbers: number[], context: SleuthContext) {
    assert.equal(typeof context.getPeer()?.id, 'string')
    return numbers.reduce((a, b) => a + b, 0)
  }

  count(to: number) {
    return from(Array.from({ length: to }, (_, index) => index + 1))
  }

  fails() {
    throw new RpcException('on purpose')
  }

  happened(data: unknown) {
    seen.push(data)
    happened()
  }
}
const seen: unknown[] = []
let happened = (): void => {}
Controller()(MathHandlers)
method(MathHandlers.prototype, 'sum', [MessagePattern({ cmd: 'sum' })], [Payload(), Ctx()])
method(MathHandlers.prototype, 'count', [MessagePattern('count')], [Payload()])
method(MathHandlers.prototype, 'fails', [MessagePattern('fails')])
method(MathHandlers.prototype, 'happened', [EventPattern('happened')], [Payload()])

describe('NestJS by messages', { timeout: 60_000 }, () => {
  test('a ClientProxy gets answers, streams and errors, and sends events', async () => {
    class AppModule {}
    Module({ controllers: [MathHandlers] })(AppModule)
    const strategy = new SleuthServer({ service: 'nest-math', ...on })
    const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false })
    await app.listen()
    await client.waitFor('nest-math', { timeout: 10_000 })
    const proxies = [
      new SleuthClient({ service: 'nest-math', sleuth: client }),
      new SleuthClient({ service: 'nest-math', ...on, timeout: 10_000, waitFor: 10_000 }),
    ]
    for (const proxy of proxies) {
      assert.equal(await firstValueFrom(proxy.send({ cmd: 'sum' }, [1, 2, 3])), 6)
      assert.deepEqual(await lastValueFrom(proxy.send('count', 3).pipe(toArray())), [1, 2, 3])
      await assert.rejects(lastValueFrom(proxy.send('fails', {})), { message: 'on purpose' })
      await assert.rejects(lastValueFrom(proxy.send('unknown', {})))
      const event = new Promise<void>((resolve) => {
        happened = resolve
      })
      await lastValueFrom(proxy.emit('happened', { a: 1 }), { defaultValue: undefined })
      await event
      await proxy.close()
    }
    assert.deepEqual(seen, [{ a: 1 }, { a: 1 }])
    assert.equal((await client.do('sleuth://nest-math/', { method: 'POST', body: 'no JSON' })).status, 400)
    assert.equal((await client.do('sleuth://nest-math/')).status, 400)
    await app.close()
  })

  test('a service that is not there is an error of the observable', async () => {
    const proxy = new SleuthClient({ service: 'nest-nobody', sleuth: client })
    await assert.rejects(lastValueFrom(proxy.send('a', 1)), { code: 'SLEUTH_UNKNOWN_SERVICE' })
  })
})
