/** The app uses the relay wrongly. The message is ours and quotes no request, so it may be logged whole. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}
