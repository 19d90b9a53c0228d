/** Models by name: the catalog, and how they are fetched. */
export {
  announcement,
  catalogModel,
  fetchModel,
  isFetched,
  modelsFolder,
  placeOf,
  type FetchOptions,
} from './fetchModel.js';
export { getModel, type GetModelOptions } from './getModel.js';
export { modelCatalog, type CatalogModel, type ModelName } from './modelCatalog.js';
