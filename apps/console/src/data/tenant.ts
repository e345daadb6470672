import { api, useLoad } from './api';
import type { Schemas } from './api';

/** The tenant that is looked at: its currency, zone and locale. undefined while it loads. */
export function useTenant(): Schemas['Tenant'] | undefined {
  return useLoad(['/api/tenant'], () => api.GET('/api/tenant'), { staleTime: 300_000 }).data?.data;
}
