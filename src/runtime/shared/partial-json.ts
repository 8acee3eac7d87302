import Tokenizer from '@streamparser/json/tokenizer.js'
import TokenType from '@streamparser/json/utils/types/tokenType.js'

/** A JSON value while its text arrives. Load this file with `import()`: most apps never ask for an object. */
export interface PartialJson {
  /** More of the text. Each character is looked at once. Text that is not JSON ends the value where it stood. */
  push: (delta: string) => void
  /**
   * The value so far; `undefined` before it begins. Strings grow, numbers and words appear when they are whole. What is
   * closed stays the same object from one call to the next; only the containers that are still open are copied.
   */
  read: () => unknown
}

/** A container that is still open. Nobody else sees it before it is closed. */
interface Frame {
  value: unknown[] | Record<string, unknown>
  /** In an object: the key whose value comes next. */
  key?: string
}

export function createPartialJson(): PartialJson {
  const open: Frame[] = []
  let root: unknown
  /** The string that is being written, unless it is a key. */
  let growing: string | undefined
  let ended = false
  let changed = false
  let snapshot: unknown

  const tokenizer = new Tokenizer({ emitPartialTokens: true })
  tokenizer.onError = () => { ended = true }
  tokenizer.onToken = ({ token, value, partial }) => {
    if (ended) return
    growing = undefined
    if (partial) {
      if (token === TokenType.STRING && !awaitsKey()) growing = value as string
      return
    }
    switch (token) {
      case TokenType.LEFT_BRACE: return void open.push({ value: {} })
      case TokenType.LEFT_BRACKET: return void open.push({ value: [] })
      case TokenType.RIGHT_BRACE:
      case TokenType.RIGHT_BRACKET: return put(open.pop()?.value)
      case TokenType.COLON:
      case TokenType.COMMA: return
      default: return awaitsKey() ? void (open.at(-1)!.key = value as string) : put(value)
    }
  }

  function awaitsKey(): boolean {
    const top = open.at(-1)
    return top !== undefined && !Array.isArray(top.value) && top.key === undefined
  }

  function put(value: unknown): void {
    const top = open.at(-1)
    if (top) {
      add(top.value, top.key, value)
      top.key = undefined
    }
    else {
      root = value
      ended = true
    }
  }

  return {
    push(delta) {
      if (ended) return
      changed = true
      tokenizer.write(delta)
    },
    read() {
      if (changed) snapshot = ended && open.length === 0 ? root : copyOpen(open, growing)
      changed = false
      return snapshot
    },
  }
}

/** The path from the root to the leaf that grows, as copies. */
function copyOpen(open: readonly Frame[], growing: unknown): unknown {
  return open.reduceRight((leaf, { value, key }) => {
    const copy = Array.isArray(value) ? [...value] : { ...value }
    if (leaf !== undefined) add(copy, key, leaf)
    return copy
  }, growing)
}

function add(container: Frame['value'], key: string | undefined, value: unknown): void {
  if (Array.isArray(container)) container.push(value)
  // An assignment to this one would change the object's prototype.
  else if (key === '__proto__') Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true })
  else if (key !== undefined) container[key] = value
}
