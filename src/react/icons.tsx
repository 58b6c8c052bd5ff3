// Drawn here, so that nothing is loaded from anywhere.
import type { ReactNode } from "react";

const icon = (children: ReactNode) => {
  const Icon = ({ size = 18 }: { size?: number }) => (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
  return Icon;
};

export const BellIcon = icon(
  <>
    <path d="M6 9.5a6 6 0 1 1 12 0c0 5 2 6.5 2 6.5H4s2-1.5 2-6.5" />
    <path d="M10.2 19.5a2 2 0 0 0 3.6 0" />
  </>,
);
export const ArchiveIcon = icon(
  <>
    <rect x="3" y="4" width="18" height="4.5" rx="1.2" />
    <path d="M5 8.5V18a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8.5M10 12.5h4" />
  </>,
);
export const RestoreIcon = icon(
  <>
    <path d="M4 13v5a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-5" />
    <path d="M12 16V4m0 0L8 8m4-4 4 4" />
  </>,
);
export const CheckIcon = icon(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const CheckAllIcon = icon(<path d="m2.5 12.5 4 4 8.5-9M11 15.5l1.5 1.5L22 7.5" />);
export const DotIcon = icon(<circle cx="12" cy="12" r="4.5" />);
export const CloseIcon = icon(<path d="M6 6l12 12M18 6 6 18" />);
export const LockIcon = icon(
  <>
    <rect x="5" y="11" width="14" height="9" rx="2" />
    <path d="M8 11V8a4 4 0 0 1 8 0v3" />
  </>,
);
export const CloudOffIcon = icon(
  <path d="M3 3l18 18M8.5 8.2A5.5 5.5 0 0 0 7 19h10.5M12 6.6a5.5 5.5 0 0 1 5.3 4A4.2 4.2 0 0 1 20.4 17" />,
);
