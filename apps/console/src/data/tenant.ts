import { api, useLoad } from './api';
import type { Schemas } from './api';

/** The tenant that is looked at: its currency, zone and locale. undefined while it loads. */
export function useTenant(): Schemas['MyTenant'] | undefined {
  return useLoad(['/api/auth/me'], () => api.GET('/api/auth/me'), { staleTime: 300_000 }).data?.data.tenant;
}
