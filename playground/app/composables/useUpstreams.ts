import type { ProtocolName } from 'nuxt-llm-stream/protocol'

/** An upstream as the server is configured. */
export interface OfferedUpstream {
  name: string
  protocols: ProtocolName[]
  /** The first one is the default. Empty in development, where any model may be asked for. */
  models: string[]
}

const LABELS: Record<ProtocolName, string> = { chat: 'Chat', responses: 'Responses', messages: 'Messages' }

/** What may be chosen from, and the choice: an upstream, one of its protocols, one of its models. */
export function useUpstreams() {
  const { data: upstreams } = useFetch<OfferedUpstream[]>('/api/upstreams', { default: () => [] })
  const name = ref('default')
  const upstream = computed(() => upstreams.value.find(offered => offered.name === name.value))
  const protocol = chosenFrom<ProtocolName>(() => upstream.value?.protocols ?? ['chat'])
  const model = chosenFrom(() => upstream.value?.models ?? [])
  return {
    upstream: name,
    protocol,
    model,
    upstreams: computed(() => upstreams.value.map(({ name }) => name)),
    protocols: computed(() => (upstream.value?.protocols ?? ['chat']).map(value => ({ value, label: LABELS[value] }))),
    models: computed(() => upstream.value?.models ?? []),
  }
}

/** One of several values; the first one, while the one that was chosen is not among them. */
function chosenFrom<T>(values: () => readonly T[]) {
  const chosen = shallowRef<T>()
  return computed<T>({
    get: () => values().find(value => value === chosen.value) ?? values()[0]!,
    set: (value) => { chosen.value = value },
  })
}
