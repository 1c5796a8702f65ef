// Loaded before a process that measures another checkout: `@sleuth/…` comes from there, and everything else from here.
import { register } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkout } from './checkout.js'

register('./from-checkout-hooks.js', import.meta.url, {
  data: pathToFileURL(join(checkout, 'package.json')).href,
})
