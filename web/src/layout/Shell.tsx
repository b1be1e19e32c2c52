/** The frame of every page: navigation, where one is, whether it is live, theme, and the way out. */

import { DropdownMenu as Menu } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import { linkTo } from "../filters/url";
import { ConnectionSign } from "../live/Live";
import { useSession } from "../session/Session";
import { applyTheme, type Theme, useTheme } from "./theme";

interface Place {
  path: string;
  title: string;
  icon: string;
  needs?: "audit";
}

export const PLACES: readonly Place[] = [
  { path: "/", title: "Home", icon: "M3 10 10 4l7 6v7H3z" },
  { path: "/incidents", title: "Incidents", icon: "M10 3 18 17H2zM10 8v4M10 14.5v.5" },
  { path: "/drift", title: "Drift", icon: "M2 15c3 0 3-9 6-9s3 9 6 9 2-3 4-3" },
  { path: "/fairness", title: "Fairness", icon: "M10 3v14M4 6h12M4 6l-2 6h4zM16 6l-2 6h4zM6 17h8" },
  { path: "/health", title: "Health", icon: "M2 10h4l2-5 4 10 2-5h4" },
  { path: "/model", title: "Model", icon: "M10 2 17 6v8l-7 4-7-4V6zM3 6l7 4 7-4M10 10v8" },
  { path: "/alerts", title: "Alert centre", icon: "M10 3a5 5 0 0 1 5 5v4l2 3H3l2-3V8a5 5 0 0 1 5-5zM8 17h4" },
  { path: "/reports", title: "Reports", icon: "M5 2h7l4 4v12H5zM12 2v4h4M8 10h5M8 13h5" },
  { path: "/administration", title: "Administration", icon: "M7 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 17c0-4 10-4 10 0M13 4l2 2 3-3M14 11h4M14 14h4", needs: "audit" },
];

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

export function Shell({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const [params] = useSearchParams();
  const { may } = useSession();
  const [open, setOpen] = useState(false);
  const place = PLACES.find((each) => (each.path === "/" ? path === "/" : path.startsWith(each.path)));
  useEffect(() => {
    document.title = place ? `${place.title} · aimon` : "aimon";
  }, [place]);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="top">
        <button type="button" className="button quiet burger" aria-expanded={open} aria-controls="places" onClick={() => setOpen(!open)}>
          <span aria-hidden="true">☰</span>
          <span className="visually-hidden">Pages</span>
        </button>
        <Link href={linkTo("/", params)} className="brand">
          <img src="/icon.svg" width="24" height="24" alt="" />
          aimon
        </Link>
        <span className="grow" />
        <ConnectionSign />
        <UserMenu />
      </header>
      <nav id="places" className={open ? "places open" : "places"} aria-label="Pages">
        {PLACES.filter((each) => !each.needs || may(each.needs)).map((each) => (
          <Link
            key={each.path}
            href={linkTo(each.path, params)}
            aria-current={each === place ? "page" : undefined}
            onClick={() => setOpen(false)}
          >
            <svg width="18" height="18" viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinejoin="round" strokeLinecap="round">
              <path d={each.icon} />
            </svg>
            {each.title}
          </Link>
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function UserMenu() {
  const { name, leave } = useSession();
  const theme = useTheme();
  return (
    <Menu.Root>
      <Menu.Trigger className="button quiet" aria-label={`Menu of ${name}`}>
        <span className="initial" aria-hidden="true" data-initial={name.charAt(0).toUpperCase()} />
        <span className="wide-only">{name}</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu" align="end" sideOffset={6}>
          <Menu.Label className="label">Theme</Menu.Label>
          <Menu.RadioGroup value={theme} onValueChange={(value) => applyTheme(value as Theme)}>
            {THEMES.map((each) => (
              <Menu.RadioItem key={each.value} value={each.value}>
                <span aria-hidden="true" style={{ width: 14 }}>
                  {each.value === theme ? "✓" : ""}
                </span>
                {each.label}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Item asChild>
            <a href="/docs" style={{ color: "inherit", paddingLeft: 32 }}>
              API description
            </a>
          </Menu.Item>
          <Menu.Item style={{ paddingLeft: 32 }} onSelect={() => void leave()}>
            Log out
          </Menu.Item>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
