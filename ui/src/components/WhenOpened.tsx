import type { ReactNode } from 'react';
import { Suspense, useState } from 'react';

/** Its children from the first opening on, so that closing is seen too. For parts that are loaded when they are wanted. */
export function WhenOpened({ open, children }: { open: boolean; children: ReactNode }) {
  const [opened, setOpened] = useState(open);
  if (open && !opened) setOpened(true);
  return opened && <Suspense fallback={null}>{children}</Suspense>;
}
