// Tables: one frame that scrolls sideways when the window is too narrow, and can then be reached with the keyboard.
import { type ReactNode, useEffect, useRef, useState } from "react";

type TableProps = {
  /** What the table lists, for readers. */
  label: string;
  /** The cells of its head. */
  head: ReactNode;
  /** Its rows. */
  children: ReactNode;
  className?: string;
};

export function Table({ label, head, children, className }: TableProps) {
  const frame = useRef<HTMLElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    const watcher = new ResizeObserver(() => setScrolls(box.scrollWidth > box.clientWidth));
    watcher.observe(box);
    if (box.firstElementChild) watcher.observe(box.firstElementChild);
    return () => watcher.disconnect();
  }, []);
  return (
    <section ref={frame} className="table-scroll" aria-label={label} tabIndex={scrolls ? 0 : undefined}>
      <table className={className ? `table ${className}` : "table"}>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** A column's head; `num` for numbers, which stand at the right. */
export function Head({
  children,
  num,
  className,
}: {
  children: ReactNode;
  num?: boolean;
  className?: string;
}) {
  const classes = [num ? "num" : "", className ?? ""].filter(Boolean).join(" ");
  return (
    <th scope="col" className={classes || undefined}>
      {children}
    </th>
  );
}

/** The head of a column of buttons, which only readers need. */
export function ActionsHead() {
  return (
    <th scope="col">
      <span className="readers-only">Actions</span>
    </th>
  );
}
