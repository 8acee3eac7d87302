/** Entry `nuxt-llm-stream/testing`. */
export { createFakeUpstream } from './fake-upstream'
export type { FakeUpstream, FakeUpstreamOptions, Respond } from './fake-upstream'
export type { Answer, Body, BodyStep, Fault, HttpAnswer, RawAnswer, Reply } from './answer'
export type { CallState, RecordedCall } from './call'
export type { FakeFetch } from './fetch'
export type { Listening, ListenOptions } from './listen'
export type { Script, ScriptedError, ScriptedOutcome, ScriptedToolCall, ScriptedUsage } from './script'
export { createLiveAnswer } from './live'
export type { LiveAnswer } from './live'
export { toFrames } from './write-answer'
export {
  contentType, cutAfter, endAfter, giantEventAfter, gzipped, halfFrameAfter, hangUp, holdAfter, htmlPage, inTurn, pingAfter,
  redirect, resetAfter, silence, slowHead, stallAfter, trickle,
} from './faults'
export { demoResponder } from './demo/responder'
export type { DemoOptions } from './demo/responder'
export { replay } from './replay'
export type { ReplayOptions } from './replay'
export { describeLog } from './describe-log'
export type { LogUnderTest, TestRunner } from './describe-log'
