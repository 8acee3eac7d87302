/** A point that one side waits at until the other has opened it. */
export interface Gate {
  readonly opened: Promise<void>
  open: () => void
}

export function createGate(): Gate {
  let open!: () => void
  const opened = new Promise<void>((resolve) => { open = resolve })
  return { opened, open }
}
