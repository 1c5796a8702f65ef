import 'reflect-metadata'
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ArgumentsHost, Controller, type ExecutionContext, Get, Module } from '@nestjs/common'
import { APP_FILTER, NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { Sleuth, SleuthError } from '@sleuth/core'
import { sleuthError } from '@sleuth/core/adapter'
import { InjectSleuth, RequestSleuth, SLEUTH, SleuthModule } from '@sleuth/nest'
import { createTestNetwork } from '@sleuth/testing'
import { method } from './nest-decorate.js'

class Controlled {
  async calls(own: Sleuth) {
    return (await own.do('sleuth://other/')).text()
  }

  async wrong(own: Sleuth) {
    return own.do('http://other/')
  }
}
Controller()(Controlled)
method(Controlled.prototype, 'calls', [Get('calls')], [RequestSleuth()])
method(Controlled.prototype, 'wrong', [Get('wrong')], [RequestSleuth()])

function moduleOf(imports: object[], providers: object[] = []) {
  class AppModule {}
  Module({ imports: imports as never, providers: providers as never, controllers: [Controlled] })(AppModule)
  return AppModule
}

const QUIET = { logger: false } as const

const codeOf = async (call: Promise<unknown>) =>
  call.then(
    () => 'resolved',
    ({ code }: SleuthError) => code,
  )

describe('NestJS without HTTP', { timeout: 60_000 }, () => {
  test('joins as a client: it calls, and its service is not offered', async () => {
    await using network = createTestNetwork()
    await network.mockService('other', 'fine')
    const lines: string[] = []
    const note = (message: string) => void lines.push(message)
    const logger = { log: () => {}, error: note, warn: note }
    const app = await NestFactory.createApplicationContext(
      moduleOf([SleuthModule.forRoot({ service: 'articles', network })]),
      { logger },
    )
    const sleuth = app.get<Sleuth>(SLEUTH)
    assert.equal(await (await sleuth.do('sleuth://other/')).text(), 'fine')
    const client = await network.createSleuth()
    assert.deepEqual(
      client.services().map(({ service }) => service),
      ['other'],
    )
    assert.deepEqual(
      lines.map((line) => line.split(':')[0]),
      ['the service "articles" is not offered, since this NestJS app has no HTTP adapter'],
    )
    await app.close()
  })

  test('is disabled as with HTTP', async () => {
    const app = await NestFactory.createApplicationContext(
      moduleOf([SleuthModule.forRoot({ service: 'articles', enabled: false })]),
      QUIET,
    )
    assert.equal(await codeOf(app.get<Sleuth>(SLEUTH).do('sleuth://other/')), 'SLEUTH_DISABLED')
    await app.close()
  })
})

describe('the lifecycle of NestJS', { timeout: 60_000 }, () => {
  test('lets hooks call from onApplicationBootstrap until the last of them at the end', async () => {
    await using network = createTestNetwork()
    await network.mockService('other', 'fine')
    const seen: Record<string, string> = {}
    class Worker {
      constructor(readonly sleuth: Sleuth) {}
      async note(hook: string) {
        seen[hook] = await codeOf(this.sleuth.do('sleuth://other/'))
      }
      onModuleInit = () => this.note('onModuleInit')
      onApplicationBootstrap = () => this.note('onApplicationBootstrap')
      onModuleDestroy = () => this.note('onModuleDestroy')
      beforeApplicationShutdown = () => this.note('beforeApplicationShutdown')
      onApplicationShutdown = () => this.note('onApplicationShutdown')
    }
    InjectSleuth()(Worker, undefined as never, 0)
    class Deep {}
    Module({ providers: [Worker] })(Deep)
    const app = await NestFactory.create(
      moduleOf([Deep, SleuthModule.forRoot({ service: 'articles', network })]),
      QUIET,
    )
    await app.init()
    await app.close()
    assert.deepEqual(seen, {
      onModuleInit: 'SLEUTH_NOT_JOINED',
      onApplicationBootstrap: 'resolved',
      onModuleDestroy: 'resolved',
      beforeApplicationShutdown: 'resolved',
      onApplicationShutdown: 'resolved',
    })
  })

  test('may end twice, and before it has begun', async () => {
    await using network = createTestNetwork()
    const create = () =>
      NestFactory.create(moduleOf([SleuthModule.forRoot({ service: 'articles', network })]), QUIET)
    const app = await create()
    await app.init()
    await Promise.all([app.close(), app.close()])
    await app.close()
    await (await create()).close()
    assert.deepEqual((await network.createSleuth()).services(), [])
  })

  test('ends with the error of a join that fails', async () => {
    const network = createTestNetwork()
    await network.close()
    const app = await NestFactory.create(
      moduleOf([SleuthModule.forRoot({ service: 'articles', network })]),
      QUIET,
    )
    await assert.rejects(app.init(), { code: 'SLEUTH_START' })
    await app.close()
  })
})

for (const [platform, adapter] of [
  ['express', () => undefined],
  ['fastify', () => new FastifyAdapter()],
] as const) {
  test(`a request has its client below a global prefix, with errors as without (${platform})`, {
    timeout: 60_000,
  }, async () => {
    await using network = createTestNetwork()
    await network.mockService('other', 'fine')
    const module = moduleOf([SleuthModule.forRoot({ service: 'articles', network })])
    const app = await NestFactory.create(module, ...((adapter() ? [adapter(), QUIET] : [QUIET]) as [never]))
    app.setGlobalPrefix('api')
    await app.init()
    const client = await network.createSleuth()
    assert.equal(await (await client.do('sleuth://articles/api/calls')).text(), 'fine')
    // A fault of the program is none of its client's business.
    const { status, body } = await client.request('sleuth://articles/api/wrong')
    assert.equal(status, 500)
    assert.doesNotMatch(String(body), /http:\/\/other/)
    await app.close()
  })
}

describe('outside of HTTP', () => {
  const context = (type: string, ...args: unknown[]) =>
    ({
      getType: () => type,
      getArgByIndex: (index: number) => args[index],
      switchToHttp: () => ({ getRequest: () => args[0] }),
      switchToRpc: () => ({ getContext: () => args[1] }),
      switchToWs: () => ({ getClient: () => args[0] }),
    }) as unknown as ExecutionContext & ArgumentsHost

  /** What NestJS calls for the parameter. */
  const clientIn = (given: ExecutionContext): unknown => {
    class Target {
      handler(own: unknown) {
        return own
      }
    }
    method(Target.prototype, 'handler', [], [RequestSleuth()])
    const [route] = Object.values(Reflect.getMetadata('__routeArguments__', Target, 'handler')) as [
      { factory(data: unknown, context: ExecutionContext): unknown },
    ]
    return route.factory(undefined, given)
  }

  test('@RequestSleuth() takes the request of GraphQL, and says where there is none', () => {
    const sleuth = {}
    assert.equal(clientIn(context('http', { raw: { sleuth } })), sleuth)
    assert.equal(clientIn(context('graphql', undefined, {}, { req: { sleuth } })), sleuth)
    for (const given of [
      context('rpc', 'data'),
      context('rpc', 'data', {}),
      context('graphql'),
      context('ws', {}),
    ])
      assert.throws(() => clientIn(given), {
        code: 'SLEUTH_ARGUMENT',
        message: /^@RequestSleuth\(\) finds no request here/,
      })
  })

  test('a call that fails is an error of the caller, whatever the transport', async () => {
    const { providers = [] } = SleuthModule.forRoot()
    const provider = providers.find((one) => (one as { provide: unknown }).provide === APP_FILTER)
    const { useClass } = provider as {
      useClass: new () => { catch(error: SleuthError, host: ArgumentsHost): unknown }
    }
    const filter = new useClass()
    const error = sleuthError('SLEUTH_UNKNOWN_SERVICE', { service: 'foo', known: 'none' })
    assert.throws(() => filter.catch(error, context('graphql')), error)
    const sent: unknown[] = []
    filter.catch(error, context('ws', { emit: (...args: unknown[]) => sent.push(args) }))
    assert.deepEqual(sent, [['exception', { status: 'error', message: error.message }]])
    filter.catch(error, context('ws', {}))
  })
})
