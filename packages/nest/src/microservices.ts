export { SleuthClient, type SleuthClientOptions } from './client.js'
export { SleuthContext } from './context.js'
export { SleuthServer } from './server.js'
