import { expect, test } from 'vitest'
import { define } from '../scene.js'

define(test, (actual, wanted) => expect(actual).toEqual(wanted))
