import { getCurrentInstance } from 'vue'
import type { LlmStream } from '../llm-stream'

/** Hands what the app's own code threw to the app's error handler, or to the page where there is none. To be made in `setup`. */
export function createReport({ app = getCurrentInstance()?.appContext.app }: LlmStream, where: string): (error: unknown) => void {
  return (error) => {
    const { errorHandler } = app?.config ?? {}
    if (errorHandler) errorHandler(error, null, where)
    else queueMicrotask(() => { throw error }) // what `reportError` does, which pages made for tests do not have
  }
}
