// A log as it is written: it follows the newest line until somebody scrolls up to read.
import { useLayoutEffect, useRef, useState } from "react";
import { useIsAdministrator } from "../api/session";
import type { LogLine } from "../api/types";
import { exactTime, plural } from "../lib/format";
import { Link } from "../router";
import { Button, Empty, ErrorNotice, Skeleton } from "../ui/basics";
import { SelectField } from "../ui/form";
import { copyAndSay } from "../ui/overlay";
import { Words } from "../ui/words";
import { type Level, useLog } from "./use-log";
import "./log.css";

type LogProps = {
  /** Where the lines are read. */
  path: string;
  /** Which of the lines that are told as they happen are part of it. */
  belongs: (line: LogLine) => boolean;
  /** Whether each line leads to the task that wrote it. */
  withTasks?: boolean;
};

const LEVELS: { value: Level; label: string }[] = [
  { value: "info", label: "Everything" },
  { value: "warn", label: "Warnings and errors" },
  { value: "error", label: "Errors" },
];

/** So near to the end the reader follows it. */
const END_PX = 24;

export function LogView({ path, belongs, withTasks }: LogProps) {
  const [level, setLevel] = useState<Level>("info");
  const { lines, error, retry, more, loadEarlier } = useLog(path, level, belongs);
  const administrator = useIsAdministrator();
  const box = useRef<HTMLDivElement>(null);
  const fromEnd = useRef(0);
  const [behind, setBehind] = useState(false);

  // Follows each new line, unless the reader scrolled up; earlier lines push nothing away.
  // biome-ignore lint/correctness/useExhaustiveDependencies: for other lines.
  useLayoutEffect(() => {
    const own = box.current;
    if (own) own.scrollTop = own.scrollHeight - own.clientHeight - fromEnd.current;
  }, [lines]);

  if (error && !lines) {
    if (error.status !== 404) return <ErrorNotice error={error} retry={retry} />;
    return (
      <Empty title="This log is for those who look after the source">
        <p>Its lines can name files. Whoever manages the source and may see its content reads them here.</p>
      </Empty>
    );
  }
  if (!lines) return <Skeleton rows={6} />;
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight });
  return (
    <section className="section">
      <div className="log-head">
        <SelectField
          label="Show"
          value={level}
          onChange={(value) => setLevel(value as Level)}
          options={LEVELS}
        />
        <span className="quiet-text small" role="status">
          {plural(lines.length, "line")}
          {more ? ", and earlier ones" : ""}
        </span>
        <div className="form-buttons">
          {behind && (
            <Button icon="down" onClick={toEnd}>
              To the newest
            </Button>
          )}
          <Button icon="copy" disabled={lines.length === 0} onClick={() => copyAndSay(asText(lines), "log")}>
            Copy
          </Button>
        </div>
      </div>
      {error && <ErrorNotice error={error} retry={retry} />}
      <div
        ref={box}
        className="log"
        role="log"
        aria-label="Log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable with the keyboard.
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          const left = scrollHeight - scrollTop - clientHeight;
          fromEnd.current = left < END_PX ? 0 : left;
          setBehind(left >= END_PX);
        }}
      >
        {more && (
          <p className="log-earlier">
            <Button look="quiet" icon="up" onClick={loadEarlier}>
              Earlier lines
            </Button>
          </p>
        )}
        {lines.length === 0 && (
          <p className="quiet-text">
            {level === "info" ? "Nothing was written yet; lines turn up here as they are." : "None of these."}
          </p>
        )}
        {lines.map((line) => (
          <p key={line.id} className={`log-line ${line.level}`}>
            <time dateTime={new Date(line.at).toISOString()} title={exactTime(line.at)}>
              {clockOf(line.at)}
            </time>
            <span className="log-level">{line.level}</span>
            <span>
              <Words text={line.message} />{" "}
              {withTasks && administrator && line.task ? (
                <Link className="log-task" to={`/tasks?task=${line.task}`}>
                  task {line.task}
                </Link>
              ) : null}
            </span>
          </p>
        ))}
      </div>
    </section>
  );
}

/** The time of day; the date as well for what is not from today. */
function clockOf(at: number): string {
  const date = new Date(at);
  const clock = date.toLocaleTimeString("en-GB");
  return date.toDateString() === new Date().toDateString()
    ? clock
    : `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${clock}`;
}

const asText = (lines: LogLine[]): string =>
  lines.map((line) => `${new Date(line.at).toISOString()} ${line.level} ${line.message}`).join("\n");
