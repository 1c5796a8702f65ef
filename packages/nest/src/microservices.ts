export { SleuthClient, type SleuthClientOptions } from './client.js'
export { SleuthContext, SleuthServer } from './server.js'
