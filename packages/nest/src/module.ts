import type { ServerResponse } from 'node:http'
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Logger,
  type MiddlewareConsumer,
  Module,
  type ModuleMetadata,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common'
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core'
import { type AdapterInput, adopt, type Handle, scoped } from '@sleuth/core/adapter'
import { SleuthErrorFilter } from './error-filter.js'
import { listenerOf } from './listener.js'
import type { WithClient } from './request-sleuth.js'

/** The token of the `Sleuth` that `SleuthModule` provides. */
export const SLEUTH: unique symbol = Symbol.for('sleuth.nest')
const HANDLE = Symbol('handle')
const hint = 'await app.init() or app.listen()'

/** Injects the `Sleuth` of the app: `constructor(@InjectSleuth() private readonly sleuth: Sleuth)`. */
export function InjectSleuth(): ParameterDecorator & PropertyDecorator {
  return Inject(SLEUTH)
}

export interface SleuthModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Gives a service name, options, or a `Sleuth` of your own. */
  // biome-ignore lint/suspicious/noExplicitAny: what is injected has any type
  useFactory: (...injected: any[]) => AdapterInput | undefined | Promise<AdapterInput | undefined>
  inject?: FactoryProvider['inject']
}

/** Joins when the app has started, leaves when it begins to shut down, and closes last. */
export class SleuthModule
  implements NestModule, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #handle: Handle
  readonly #host: HttpAdapterHost

  constructor(handle: Handle, host: HttpAdapterHost) {
    this.#handle = handle
    this.#host = host
  }

  /** Without a service name the app is client-only. */
  static forRoot(input?: AdapterInput): DynamicModule {
    return SleuthModule.forRootAsync({ useFactory: () => input })
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: SleuthModuleAsyncOptions): DynamicModule {
    return {
      module: SleuthModule,
      global: true,
      imports,
      providers: [
        {
          provide: HANDLE,
          useFactory: async (...injected) => adopt(await useFactory(...injected), { hint }),
          inject,
        },
        { provide: APP_FILTER, useClass: SleuthErrorFilter },
        { provide: SLEUTH, useFactory: (handle: Handle) => handle.sleuth, inject: [HANDLE] },
      ],
      exports: [SLEUTH],
    }
  }

  configure(consumer: MiddlewareConsumer): void {
    const giveClient = (req: WithClient, res: ServerResponse, next: () => void): void => {
      if (!('sleuthPeer' in req)) this.#handle.waitsFor(res)
      req.sleuth = scoped(this.#handle.sleuth, req, res)
      next()
    }
    consumer.apply(giveClient).forRoutes('{*path}')
  }

  async onApplicationBootstrap(): Promise<void> {
    const listener = await listenerOf(this.#host.httpAdapter)
    if (listener !== undefined)
      await this.#handle.join(this.#handle.service === undefined ? undefined : listener)
    else await this.#handle.joinAsClient(({ message }) => Logger.warn(message, SleuthModule.name))
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#handle.leave()
  }

  onApplicationShutdown(): Promise<void> {
    return this.#handle.close()
  }
}

// Decorators, in the form that needs no option of the compiler.
Module({})(SleuthModule)
Inject(HANDLE)(SleuthModule, undefined, 0)
Inject(HttpAdapterHost)(SleuthModule, undefined, 1)
