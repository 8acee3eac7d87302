import type { Call } from './call'
import type { DeliveryListener, DeliveryReport } from './deliver'
import type { Admission } from './limits/limiter'
import type { Notices } from './notices'
import type { RunEnd } from './record'
import { toRecord } from './record'
import type { RecordedRun } from './resume'

/** A run that was let in: what it holds, and what its record will say. A class, since every open stream has one. */
export class AdmittedRun implements DeliveryListener {
  /** Where it is one that can be resumed. */
  recorded: RecordedRun | undefined
  /** Tokens that the answer could have at most. */
  outputTokens = 0
  requestedModel: string | undefined
  readonly admittedAt = performance.now()

  constructor(
    private readonly call: Call,
    private readonly admission: Admission,
    private readonly notices: Notices,
    private readonly authorizeMs: number,
  ) {}

  onEnd(report: DeliveryReport): void {
    this.conclude(report).then(() => this.call.end(), reason => this.call.end(reason))
  }

  /** It ended before it was delivered: the error, or why it was aborted. */
  refuse(reason: unknown): void {
    this.account({ reason })
  }

  /** Where it is recorded, it is over when that is stored. */
  private async conclude(report: DeliveryReport): Promise<void> {
    const storing = this.recorded?.finish(report)
    if (report.error) this.notices.failed(report.error, this.call, report.target.upstream.name)
    this.account({ report })
    await storing
  }

  private account(ending: Pick<RunEnd, 'report' | 'reason'>): void {
    const { call, authorizeMs, admittedAt, outputTokens, requestedModel } = this
    const record = toRecord({ call, authorizeMs, admittedAt, outputTokens, requestedModel, ...ending })
    this.admission.release(record.usage.totalTokens)
    this.notices.finished(record, call)
  }
}
