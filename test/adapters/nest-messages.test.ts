import 'reflect-metadata'
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { Catch, Controller, Module, UseFilters } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ClientsModule, EventPattern, MessagePattern, Payload } from '@nestjs/microservices'
import type { Sleuth } from '@sleuth/core'
import { RequestSleuth, SleuthModule } from '@sleuth/nest'
import {
  SleuthClient,
  type SleuthClientOptions,
  type SleuthContext,
  SleuthServer,
} from '@sleuth/nest/microservices'
import { createTestNetwork } from '@sleuth/testing'
import { firstValueFrom, lastValueFrom, Observable, of, tap, throwError, toArray } from 'rxjs'
import { method } from './nest-decorate.js'

const PATIENT = { timeout: 10_000 }

/** What the handlers tell the test that runs. */
const told: { begun(): void; stopped(): void; until: Promise<unknown>; listening: number } = {
  listening: 0,
  begun: () => {},
  stopped: () => {},
  until: Promise.resolve(),
}

class Handlers {
  big() {
    return of(1n)
  }

  bigLater() {
    return of('first', 2n, 'third')
  }

  error() {
    return new Observable((observer) => observer.error(Object.assign(new Error('as it is'), { id: 7 })))
  }

  endless() {
    return new Observable((observer) => {
      observer.next('first')
      told.begun()
      return () => told.stopped()
    })
  }

  async late() {
    told.begun()
    await told.until
    told.stopped()
    return new Observable(() => {
      told.listening++
      return () => told.listening--
    })
  }

  length(text: string) {
    return text.length
  }

  repeat(length: number) {
    return 'ü'.repeat(length)
  }

  async calls(own: Sleuth, service: string) {
    return (await own.do(`sleuth://${service}/`)).text()
  }

  async slow() {
    told.begun()
    await told.until
    told.stopped()
  }

  throws() {
    throw new Error('on purpose')
  }
}
Controller()(Handlers)
const { prototype } = Handlers
class AsItIs {
  catch(error: unknown) {
    return throwError(() => error)
  }
}
Catch()(AsItIs)
method(prototype, 'error', [UseFilters(new AsItIs())])
for (const name of ['big', 'bigLater', 'error', 'endless', 'late'] as const)
  method(prototype, name, [MessagePattern(name)])
for (const name of ['length', 'repeat'] as const)
  method(prototype, name, [MessagePattern({ cmd: name })], [Payload()])
method(prototype, 'calls', [MessagePattern('calls')], [RequestSleuth(), Payload()])
for (const name of ['slow', 'throws'] as const) method(prototype, name, [EventPattern(name)])

async function scene(
  options: Partial<SleuthClientOptions> = {},
  server: { limits?: { unzipped: number } } = {},
) {
  const network = createTestNetwork()
  class AppModule {}
  Module({ controllers: [Handlers], imports: [SleuthModule.forRoot({ network })] })(AppModule)
  const strategy = new SleuthServer({ service: 'math', network, ...server })
  const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false })
  await app.listen()
  const client = new SleuthClient({ service: 'math', network, ...PATIENT, ...options })
  const close = async () => {
    await client.close()
    await app.close()
    await network.close()
  }
  return { network, app, strategy, client, [Symbol.asyncDispose]: close }
}

/** Resolves when a handler calls it. */
function awaits(name: 'begun' | 'stopped'): Promise<void> {
  return new Promise((resolve) => {
    told[name] = resolve
  })
}

const failed = { status: 'error', message: 'Internal server error' }

describe('messages over sleuth', { timeout: 60_000 }, () => {
  test('what JSON can not hold is an error of the caller, at once and in the middle of a stream', async () => {
    await using here = await scene()
    await assert.rejects(lastValueFrom(here.client.send('big', 1)), failed)
    const seen: unknown[] = []
    const stream = here.client.send('bigLater', 1).pipe(tap((value) => seen.push(value)))
    await assert.rejects(lastValueFrom(stream), failed)
    assert.deepEqual(seen, ['first'])
    assert.equal(await firstValueFrom(here.client.send({ cmd: 'length' }, 'abc')), 3)
  })

  test('an error that a handler emits keeps its message and its fields', async () => {
    await using here = await scene()
    await assert.rejects(lastValueFrom(here.client.send('error', 1)), { message: 'as it is', id: 7 })
  })

  test('a caller that has enough, or gives up, stops the observable', async () => {
    await using here = await scene()
    const stopped = awaits('stopped')
    assert.equal(await firstValueFrom(here.client.send('endless', 1)), 'first')
    await stopped
    assert.equal(await firstValueFrom(here.client.send({ cmd: 'length' }, 'abc')), 3)
  })

  test('an observable is not begun for a caller that has gone before it was there', async () => {
    await using here = await scene()
    let go = (): void => {}
    told.until = new Promise<void>((resolve) => {
      go = resolve
    })
    const begun = awaits('begun')
    const subscription = here.client.send('late', 1).subscribe()
    await begun
    subscription.unsubscribe()
    await here.client.send({ cmd: 'length' }, 'the caller has gone').forEach(() => {})
    const stopped = awaits('stopped')
    go()
    await stopped
    await firstValueFrom(here.client.send({ cmd: 'length' }, 'the handler has ended'))
    assert.equal(told.listening, 0)
  })

  test('a message, or a packet of an answer, that is too large is an error', async () => {
    await using here = await scene({}, { limits: { unzipped: 2000 } })
    await assert.rejects(lastValueFrom(here.client.send({ cmd: 'length' }, 'x'.repeat(3000))), /answered 413/)
    assert.equal(await firstValueFrom(here.client.send({ cmd: 'length' }, 'x'.repeat(500))), 500)
    const small = new SleuthClient({
      service: 'math',
      network: here.network,
      limits: { unzipped: 2000 },
      ...PATIENT,
    })
    await assert.rejects(lastValueFrom(small.send({ cmd: 'repeat' }, 3000)), { code: 'SLEUTH_TOO_LARGE' })
    assert.equal((await firstValueFrom(small.send({ cmd: 'repeat' }, 400))).length, 400)
    await small.close()
  })

  test('a packet in many pieces comes whole', async () => {
    await using here = await scene()
    const text = await firstValueFrom(here.client.send<string>({ cmd: 'repeat' }, 3_000_000))
    assert.ok(text === 'ü'.repeat(3_000_000))
  })

  test('@RequestSleuth() is that of the message, and its errors keep their message and code', async () => {
    await using here = await scene()
    await here.network.mockService('there', 'fine')
    assert.equal(await firstValueFrom(here.client.send('calls', 'there')), 'fine')
    await assert.rejects(lastValueFrom(here.client.send('calls', 'nobody')), {
      status: 'error',
      code: 'SLEUTH_UNKNOWN_SERVICE',
      message: /^no instance of "nobody" is known/,
    })
  })

  test('a call by @RequestSleuth() ends when the sender of the message gives up', async () => {
    await using here = await scene()
    const hears = awaits('begun')
    const mock = await here.network.mockService('there', (_req: IncomingMessage, res: ServerResponse) => {
      told.begun()
      res.once('close', () => told.stopped())
    })
    const subscription = here.client.send('calls', 'there').subscribe({ error: () => {} })
    await hears
    const stopped = awaits('stopped')
    subscription.unsubscribe()
    await stopped
    assert.equal(mock.calls.length, 1)
  })

  test('an event is sent when an instance has it, and a service that closes waits for its handler', async () => {
    await using here = await scene({ timeout: 1_000 })
    let go = (): void => {}
    told.until = new Promise<void>((resolve) => {
      go = resolve
    })
    const begun = awaits('begun')
    let isOver = false
    told.stopped = () => {
      isOver = true
    }
    await lastValueFrom(here.client.emit('slow', 1), { defaultValue: undefined })
    await begun
    assert.equal(isOver, false)
    const closed = here.app.close()
    setTimeout(go, 50)
    await closed
    assert.equal(isOver, true)
  })

  test('an event whose handler throws, or that has none, leaves the service as it is', async () => {
    await using here = await scene()
    await lastValueFrom(here.client.emit('throws', 1), { defaultValue: undefined })
    await lastValueFrom(here.client.emit('nothing', 1), { defaultValue: undefined })
    assert.equal(await firstValueFrom(here.client.send({ cmd: 'length' }, 'abc')), 3)
  })
})

describe('SleuthServer', () => {
  test('calls the hooks of NestJS around a message and an event', async () => {
    await using here = await scene()
    const store = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    here.strategy.setOnProcessingStartHook((_id, context, done) => {
      seen.push(['start', (context as SleuthContext).getPattern()])
      store.run('from the hook', done)
    })
    here.strategy.setOnProcessingEndHook((_id, context) =>
      seen.push(['end', (context as SleuthContext).getPattern()]),
    )
    told.begun = () => seen.push(store.getStore())
    told.stopped = () => {}
    told.until = Promise.resolve()
    const stopped = awaits('stopped')
    await firstValueFrom(here.client.send('endless', 1))
    await stopped
    await lastValueFrom(here.client.emit('slow', 1), { defaultValue: undefined })
    await firstValueFrom(here.client.send({ cmd: 'length' }, 'abc'))
    assert.deepEqual(seen, [
      ['start', 'endless'],
      'from the hook',
      ['end', 'endless'],
      ['start', 'slow'],
      'from the hook',
      ['end', 'slow'],
      ['start', { cmd: 'length' }],
      ['end', { cmd: 'length' }],
    ])
  })

  test('needs a service, and takes listeners before it listens', async () => {
    assert.throws(() => new SleuthServer({} as never), {
      code: 'SLEUTH_OPTION',
      message: /^options\.service must be/,
    })
    await using network = createTestNetwork()
    const server = new SleuthServer({ service: 'math', network })
    const ups: string[] = []
    server.on('up', ({ service }: { service: string }) => ups.push(service))
    await new Promise<void>((resolve) => void server.listen(() => resolve()))
    await network.mockService('other')
    assert.deepEqual(ups, ['other'])
    assert.equal(server.unwrap<Sleuth>().services().length, 1)
    await server.close()
    await server.close()
  })
})

describe('SleuthClient', () => {
  test('gives the options of calls to those that it makes by a Sleuth of yours', async () => {
    await using here = await scene()
    const sleuth = await here.network.createSleuth()
    const client = new SleuthClient({ service: 'math', sleuth, timeout: 30 })
    assert.equal(client.unwrap(), sleuth)
    told.until = new Promise(() => {})
    await assert.rejects(lastValueFrom(client.send('late', 1)), { code: 'SLEUTH_TIMEOUT', message: /30 ms/ })
    await client.close()
    assert.equal(sleuth.services().length, 1)
    const given = (options: object) => () => new SleuthClient({ service: 'math', ...options })
    assert.throws(given({ sleuth: {} }), {
      code: 'SLEUTH_OPTION',
      message: /^options\.sleuth must be a Sleuth/,
    })
    assert.throws(given({ sleuth, port: 5 }), { code: 'SLEUTH_ARGUMENT', message: /no option "port"/ })
  })

  test('tries again after a join that failed, and closes all the same', async () => {
    const network = createTestNetwork()
    await network.close()
    const client = new SleuthClient({ service: 'math', network })
    const errors = [await reasonOf(client.connect()), await reasonOf(client.connect())]
    assert.notEqual(errors[0], errors[1])
    assert.throws(() => client.unwrap(), /Not initialized/)
    const last = client.connect().catch(() => {})
    await client.close()
    await last
  })

  test('ends what is under way when it closes', async () => {
    await using here = await scene()
    const begun = awaits('begun')
    const seen = lastValueFrom(here.client.send('endless', 1).pipe(toArray()))
    const failed = assert.rejects(seen)
    await begun
    const stopped = awaits('stopped')
    await here.client.close()
    await failed
    await stopped
  })

  test('is a custom class of ClientsModule, which closes it with the app', async () => {
    await using here = await scene()
    class AppModule {}
    const options = { service: 'math', network: here.network, ...PATIENT }
    Module({ imports: [ClientsModule.register([{ name: 'MATH', customClass: SleuthClient, options }])] })(
      AppModule,
    )
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false })
    const math = app.get<SleuthClient>('MATH')
    assert.equal(await firstValueFrom(math.send({ cmd: 'length' }, 'abc')), 3)
    const sleuth = math.unwrap<Sleuth>()
    await app.close()
    await assert.rejects(sleuth.do('sleuth://math/'), { code: 'SLEUTH_CLOSED' })
  })
})

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
}
