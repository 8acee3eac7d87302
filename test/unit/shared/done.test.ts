import { expect, it } from 'vitest'
import { collectStream } from '../../../src/runtime/shared/read-stream'
import { doneEndings, toDoneStream } from '../../contracts/done-endings'
import { bodyOf } from '../../contracts/wire-bytes'

it.each(doneEndings)('takes [DONE] after $title of $protocol for $outcome', async (ending) => {
  const result = await collectStream(bodyOf([toDoneStream(ending)]), { protocol: ending.protocol })
  expect(result.outcome).toBe(ending.outcome)
  expect(result.error).toBeNull()
})
