import { queryOptions } from '@tanstack/react-query';
import { createApiKey, listApiKeys, revokeApiKey } from '../../../lib/api/generated/auth';
import type { MadeApiKeyOut, NewApiKeyBody } from '../../../lib/api/generated/auth';

export type { ApiKeyOut as ApiKey, MadeApiKeyOut as MadeApiKey, NewApiKeyBody as NewApiKey } from '../../../lib/api/generated/auth';
export type Scope = NewApiKeyBody['scopes'][number];

export const API_KEYS = ['auth', 'api-keys'] as const;

export const apiKeysQuery = queryOptions({
  queryKey: API_KEYS,
  queryFn: async ({ signal }) => (await listApiKeys({ signal, throwOnError: true })).data,
});

export async function makeKey(body: NewApiKeyBody): Promise<MadeApiKeyOut> {
  return (await createApiKey({ body, throwOnError: true })).data;
}

export async function revoke(id: string): Promise<void> {
  await revokeApiKey({ path: { key_id: id }, throwOnError: true });
}
