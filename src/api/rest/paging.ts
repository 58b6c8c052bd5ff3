// Pages in the words of existing clients: `after`, `before`, `page_size`.
import { z } from "zod";
import type { Page, PageArguments } from "../../store/paging.ts";

const LARGEST = 50;

/** The parameters of every list, to be spread into a query's schema. */
export const pageQuery = {
  after: z.string().optional(),
  before: z.string().optional(),
  page_size: z.int().min(1).max(LARGEST).optional(),
};

/** What a caller says about the wanted page. */
export interface PageQuery {
  after?: string | undefined;
  before?: string | undefined;
  page_size?: number | undefined;
}

/** The page in the words of the store. */
export function pageArguments({ after, before, page_size: size = LARGEST }: PageQuery): PageArguments {
  return before && !after ? { last: size, before } : { first: size, ...(after && { after }) };
}

/** Cursors of the neighbouring pages, as clients know them. */
export const pageInfoOf = (page: Omit<Page<unknown>, "nodes">, { page_size: size = LARGEST }: PageQuery) => ({
  __typename: "PageInfo" as const,
  after: page.hasNextPage ? page.endCursor : null,
  before: page.hasPreviousPage ? page.startCursor : null,
  page_size: size,
});
