import { toStandardJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { expectTypeOf } from 'vitest'
import { computed, reactive, ref } from 'vue'
import { z } from 'zod'
import { createLlmStream, useStream } from '../../src/runtime/app'
import type { Outcome, ReadonlyRef, StreamError, StreamPart, StreamResult, StreamStatus, ToolCall, Usage } from '../../src/runtime/app'

// Without options.
const plain = useStream()
expectTypeOf(plain.text).toEqualTypeOf<ReadonlyRef<string>>()
expectTypeOf(plain.parts.value).toEqualTypeOf<readonly StreamPart[]>()
expectTypeOf(plain.toolCalls.value).toEqualTypeOf<readonly ToolCall[]>()
expectTypeOf(plain.status.value).toEqualTypeOf<StreamStatus>()
expectTypeOf(plain.outcome.value).toEqualTypeOf<Outcome | null>()
expectTypeOf(plain.error.value).toEqualTypeOf<StreamError | null>()
expectTypeOf(plain.usage.value).toEqualTypeOf<Usage | null>()
expectTypeOf(plain.object.value).toEqualTypeOf<undefined>()
expectTypeOf(plain.start).returns.toEqualTypeOf<Promise<StreamResult<never>>>()
expectTypeOf(plain.resume).returns.toEqualTypeOf<Promise<StreamResult<never> | null>>()

// Refs are only read.
// @ts-expect-error the stream alone writes its text
plain.text.value = ''

// What `start` takes.
void plain.start()
void plain.start('Hi')
void plain.start({ messages: [{ role: 'user', content: 'Hi' }], temperature: 0, seed: 7 })
void plain.start(new MouseEvent('click'))
// @ts-expect-error messages stand in an object
void plain.start([{ role: 'user', content: 'Hi' }])
// @ts-expect-error no such role
void plain.start({ messages: [{ role: 'robot', content: 'Hi' }] })
// @ts-expect-error a temperature is a number
void plain.start({ temperature: 'high' })

// The verbs are good click handlers.
expectTypeOf(plain.start).toExtend<(event: MouseEvent) => unknown>()
expectTypeOf(plain.stop).toExtend<(event: MouseEvent) => unknown>()
expectTypeOf(plain.retry).toExtend<(event: MouseEvent) => unknown>()
expectTypeOf(plain.reset).toExtend<(event: MouseEvent) => unknown>()

// The object's type is the schema's output, and anything of it may be missing while it grows.
const zodSchema = z.object({ title: z.string(), steps: z.array(z.object({ text: z.string(), minutes: z.coerce.number() })) })
const recipe = useStream({ schema: zodSchema, onFinish: ({ object }) => expectTypeOf(object).toEqualTypeOf<z.output<typeof zodSchema> | undefined>() })
expectTypeOf(recipe.object.value?.title).toEqualTypeOf<string | undefined>()
expectTypeOf(recipe.object.value?.steps?.[0]?.minutes).toEqualTypeOf<number | undefined>()
expectTypeOf(recipe.start).returns.resolves.toHaveProperty('object').toEqualTypeOf<z.output<typeof zodSchema> | undefined>()
const valibotSchema = toStandardJsonSchema(v.object({ city: v.string() }))
expectTypeOf(useStream({ schema: valibotSchema }).object.value?.city).toEqualTypeOf<string | undefined>()
expectTypeOf(useStream({ schema: () => zodSchema }).object.value?.title).toEqualTypeOf<string | undefined>()
// @ts-expect-error a JSON Schema says nothing to TypeScript
useStream({ schema: { type: 'object' } })

// The body is the protocol's.
useStream({ body: { messages: [] } })
useStream({ protocol: 'responses', body: { input: 'Hi', instructions: 'Be brief.' } })
useStream({ protocol: 'messages', body: () => ({ system: 'Be brief.', max_tokens: 100 }) })
void useStream({ protocol: 'responses' }).start({ input: [{ role: 'user', content: 'Hi' }] })
useStream({ body: { temperature: ref(0.5), top_p: computed(() => 1) } })
// @ts-expect-error a temperature is a number in a ref as well
useStream({ body: { temperature: ref('high') } })
// @ts-expect-error Responses has `input`, a text or a list
useStream({ protocol: 'responses', body: { input: 5 } })
// @ts-expect-error Messages knows no role `tool`
useStream({ protocol: 'messages', body: { messages: [{ role: 'tool', content: 'x' }] } })
// @ts-expect-error Messages wants a number
void useStream({ protocol: 'messages' }).start({ max_tokens: '100' })

// What changes may be a ref or a getter.
useStream({
  upstream: ref('fast'), model: computed(() => 'small'), headers: () => ({ authorization: 'Bearer x' }), endpoint: ref('/api/llm'),
  concurrency: ref('queue' as const), publish: () => 60, retry: 2, resume: true, keepAlive: true, key: 'chat',
  timeouts: () => ({ idle: Infinity }), watch: [ref(1), () => 2], immediate: true,
  onEvent: event => event.type === 'text-delta' && expectTypeOf(event.delta).toEqualTypeOf<string>(),
  onToolCall: ({ input }) => expectTypeOf(input).toEqualTypeOf<unknown>(),
  onError: ({ code, retryable }) => code === 'busy' && retryable,
})
useStream({ watch: reactive({ city: 'Oslo' }) })
useStream({ watch: [reactive({ city: 'Oslo' }), ref(1), () => 2] })
// @ts-expect-error a value never changes: a getter of it may
useStream({ watch: 'Oslo' })
// @ts-expect-error three protocols exist
useStream({ protocol: 'completions' })
// @ts-expect-error `publish` is 'frame', 'sync' or milliseconds
useStream({ publish: 'slow' })
// @ts-expect-error three policies exist
useStream({ concurrency: 'drop' })
// @ts-expect-error it is called `firstByte`
useStream({ timeouts: { connect: 1000 } })
// @ts-expect-error no such option
useStream({ stream: true })

createLlmStream({ endpoint: 'https://example.com/llm', heartbeat: false })
// @ts-expect-error a heartbeat takes milliseconds, or is off
createLlmStream({ heartbeat: 'slow' })
