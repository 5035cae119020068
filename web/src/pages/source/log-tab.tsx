// The live log of a source, since the page was opened.
import { useEffect, useRef } from "react";
import type { LogLine } from "../../api/types";
import { exactTime } from "../../lib/format";
import { Button, Empty } from "../../ui/basics";
import { copyAndSay } from "../../ui/overlay";

export type LogLines = (LogLine & { number: number })[];

export function LogTab({ lines }: { lines: LogLines }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows each new line, unless the reader scrolled up.
  useEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  if (lines.length === 0) {
    return (
      <Empty title="Quiet so far">
        <p>Lines turn up here as they are written, from the moment this page is open.</p>
      </Empty>
    );
  }
  const text = () =>
    lines.map((line) => `${new Date(line.at).toISOString()} ${line.level} ${line.message}`).join("\n");
  return (
    <section className="section">
      <div
        ref={box}
        className="log"
        role="log"
        aria-label="Log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable with the keyboard.
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {lines.map((line) => (
          <p key={line.number} className={`log-line ${line.level.toLowerCase()}`}>
            <time title={exactTime(line.at)}>{new Date(line.at).toLocaleTimeString("en-GB")}</time>
            <span className="log-level">{line.level.toLowerCase()}</span>
            <span>{line.message}</span>
          </p>
        ))}
      </div>
      <div className="form-buttons">
        <Button icon="copy" onClick={() => copyAndSay(text(), "log")}>
          Copy
        </Button>
      </div>
    </section>
  );
}
