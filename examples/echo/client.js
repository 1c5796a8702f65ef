// @ts-check
import { createSleuth } from '@sleuth/core'
import { network } from '../network.js'

const sleuth = await createSleuth(network)
await sleuth.waitFor('echo-service')

const input = 'This is the value I am inputting.'
const response = await sleuth.do('sleuth://echo-service/', { method: 'POST', body: input })
const output = await response.text()

console.log(output === input ? 'It works.' : "It doesn't work.")
await sleuth.close()
