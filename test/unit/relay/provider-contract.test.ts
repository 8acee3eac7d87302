import type { ProviderName } from '../../../src/runtime/server/relay/providers'
import { PROVIDERS } from '../../../src/runtime/server/relay/providers'
import { describeProvider } from '../../contracts/describe-provider'
import { providerCases } from '../../contracts/provider-cases'

// Keys of an object of that very type.
for (const provider of Object.keys(PROVIDERS) as ProviderName[]) describeProvider(provider, providerCases[provider])
