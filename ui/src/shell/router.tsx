import type { RouteObject } from 'react-router';
import { createBrowserRouter, Outlet } from 'react-router';
import { ToastProvider } from '../components/toast';
import { NotFound, PageCrash } from './Faults';
import { SplashSkeleton } from './SplashSkeleton';
import { Shell } from './Shell';

interface FeatureRoutes {
  /** Behind the sign-in. */
  routes?: RouteObject[];
  /** For everybody, without navigation. */
  publicRoutes?: RouteObject[];
}

const features = Object.values(import.meta.glob<FeatureRoutes>('../features/*/routes.tsx', { eager: true }));

/** Each feature tells its own paths; their pages are loaded when they are first opened. */
export function consoleRoutes(): RouteObject[] {
  const behind = features.flatMap((feature) => feature.routes ?? []);
  const open = features.flatMap((feature) => feature.publicRoutes ?? []);
  return [
    {
      element: <WithToasts />,
      errorElement: <PageCrash />,
      HydrateFallback: SplashSkeleton,
      children: [
        ...open,
        {
          path: '/',
          element: <Shell />,
          children: [{ errorElement: <PageCrash />, children: [...behind, { path: '*', element: <NotFound /> }] }],
        },
      ],
    },
  ];
}

/** Inside the router, because toasts hold links; around all pages, because an action may lead to another one. */
function WithToasts() {
  return (
    <ToastProvider>
      <Outlet />
    </ToastProvider>
  );
}

export function createConsoleRouter() {
  return createBrowserRouter(consoleRoutes());
}
