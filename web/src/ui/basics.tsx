// Buttons, times, notices, empty states: the small parts every page is made of.
import { type ButtonHTMLAttributes, type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import type { ApiError } from "../api/client";
import { readClock, watchClock } from "../lib/clock";
import { ago, count, exactTime } from "../lib/format";
import { Icon, type IconName } from "./icon";
import { Sentence } from "./words";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: "plain" | "primary" | "danger" | "quiet";
  icon?: IconName;
  /** While true the button says it is at work and cannot be pressed. */
  busy?: boolean;
};

export function Button({ look = "plain", icon, busy, children, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button ${look} ${className ?? ""}`}
      disabled={busy || rest.disabled}
      aria-busy={busy}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

type IconButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { icon: IconName; label: string };

export function IconButton({ icon, label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={`icon-button ${className ?? ""}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}

/** The time now, to within ten seconds, kept current. */
export function useNow(): number {
  return useSyncExternalStore(watchClock, readClock);
}

/** A relative time; the exact one on hover and for readers. */
export function Time({ at, none = "never" }: { at: number | null | undefined; none?: string }) {
  const now = useNow();
  if (at === null || at === undefined) return <span className="quiet-text">{none}</span>;
  const exact = exactTime(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={exact}>
      {ago(at, now)}
    </time>
  );
}

export function Num({ n }: { n: number | null | undefined }) {
  return <span className="num">{n === null || n === undefined ? "–" : count(n)}</span>;
}

/** True once `ms` have passed while `active` stayed true: a skeleton for the slow case only. */
export function useDelayed(active: boolean, ms = 150): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!active) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [active, ms]);
  return active && late;
}

export function Skeleton({ rows = 4 }: { rows?: number }) {
  const late = useDelayed(true);
  return (
    <div className="skeleton" aria-hidden="true" data-shown={late}>
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike.
        <span key={at} />
      ))}
    </div>
  );
}

type NoticeProps = {
  look?: "danger" | "warning" | "info" | "success";
  title: ReactNode;
  children?: ReactNode;
  /** The one button to press. */
  action?: ReactNode;
  /** Raw detail, one click away and copyable. */
  raw?: string;
  role?: "alert" | "status";
};

const NOTICE_ICONS = { danger: "alert", warning: "alert", info: "help", success: "check" } as const;

export function Notice({ look = "info", title, children, action, raw, role }: NoticeProps) {
  return (
    <div className={`notice ${look}`} role={role}>
      <Icon name={NOTICE_ICONS[look]} />
      <div className="notice-text">
        <p className="notice-title">{title}</p>
        {children && <div className="notice-body">{children}</div>}
        {raw && (
          <details>
            <summary>Details</summary>
            <pre className="raw">{raw}</pre>
          </details>
        )}
      </div>
      {action && <div className="notice-action">{action}</div>}
    </div>
  );
}

const WHOSE_TURN: Record<number, string> = {
  0: "Your turn: see whether the server runs and this device is connected.",
  401: "Your turn: sign in again.",
  403: "An administrator's turn: they can give you access.",
  404: "It may have been deleted, or it is not shared with you.",
  429: "Nobody's turn: wait a little.",
};

/** A refused call in words: what happened, whose turn it is, and a button. */
export function ErrorNotice({ error, retry }: { error: ApiError; retry?: () => void }) {
  const turn = WHOSE_TURN[error.status] ?? (error.status >= 500 ? "The server's log says more." : "");
  return (
    <Notice
      look="danger"
      role="alert"
      title={error.message}
      raw={`${error.status || "no answer"} ${error.code}${error.detail ? `\n${error.detail}` : ""}`}
      action={retry && <Button onClick={retry}>Try again</Button>}
    >
      {error.detail && error.detail !== error.message && error.status !== 0 ? (
        <p>
          <Sentence text={error.detail} />
        </p>
      ) : null}
      {turn && <p>{turn}</p>}
    </Notice>
  );
}

/** Says what would be here and how to get it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Progress({ value, label }: { value: number | null; label: string }) {
  return value === null ? (
    <progress aria-label={label} />
  ) : (
    <progress aria-label={label} max={1} value={Math.min(1, Math.max(0, value))} />
  );
}
