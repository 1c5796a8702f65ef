import { expect, test } from '@jest/globals'
import { define } from '../scene.js'

define(test, (actual, wanted) => expect(actual).toEqual(wanted))
