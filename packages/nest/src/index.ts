export type { Sleuth, SleuthPeer } from '@sleuth/core'
export { InjectSleuth, RequestSleuth, SLEUTH, SleuthModule, type SleuthModuleAsyncOptions } from './module.js'
