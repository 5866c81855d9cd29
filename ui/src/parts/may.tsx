// Shows what is inside only to who may use it. The server decides all the same.
import type { ReactNode } from 'react';
import { useMay } from '../api/session';

export function May({ permission, children }: { permission: string; children: ReactNode }) {
  return useMay(permission) ? children : null;
}
