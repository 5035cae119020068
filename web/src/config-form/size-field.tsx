// A number of bytes, given in the unit that people think in.
import { useState } from "react";
import { Field } from "../ui/form";
import { factorOf, UNITS, type Unit, unitFor } from "./size";

type SizeProps = {
  label: string;
  hint: string | undefined;
  error: string | undefined;
  value: unknown;
  onChange: (value: unknown) => void;
};

export function SizeField({ label, hint, error, value, onChange }: SizeProps) {
  const bytes = typeof value === "number" ? value : null;
  const [unit, setUnit] = useState<Unit>(bytes === null ? "MiB" : unitFor(bytes));
  const choose = (next: Unit) => {
    setUnit(next);
    if (bytes !== null) onChange(Math.round((bytes / factorOf(unit)) * factorOf(next)));
  };
  return (
    <Field
      label={label}
      hint={hint?.replace(/^in bytes[;,.]?\s*/i, "").replace(/^./, (first) => first.toUpperCase())}
      error={error}
    >
      {(ids) => (
        <span className="size-field">
          <input
            {...ids}
            type="number"
            min={0}
            step="any"
            value={bytes === null ? "" : bytes / factorOf(unit)}
            onChange={(event) =>
              onChange(
                event.target.value === ""
                  ? undefined
                  : Math.round(Number(event.target.value) * factorOf(unit)),
              )
            }
          />
          <select
            aria-label={`Unit of ${label}`}
            value={unit}
            onChange={(event) => choose(event.target.value as Unit)}
          >
            {UNITS.map((each) => (
              <option key={each.unit}>{each.unit}</option>
            ))}
          </select>
        </span>
      )}
    </Field>
  );
}
