BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('2024_1_contract01');
CREATE TABLE cached_images (
	id INTEGER NOT NULL, 
	image_id VARCHAR(36) NOT NULL, 
	last_accessed DATETIME NOT NULL, 
	last_modified DATETIME NOT NULL, 
	size BIGINT NOT NULL, 
	hits INTEGER NOT NULL, 
	checksum VARCHAR(32), 
	node_reference_id INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(node_reference_id) REFERENCES node_reference (node_reference_id), 
	CONSTRAINT ix_cached_images_image_id_node_reference_id UNIQUE (image_id, node_reference_id)
);
INSERT INTO "cached_images" VALUES(1,'516c56ee-ad32-4533-be23-0948fe611851','2026-11-27 12:34:31.478046','2026-11-27 12:34:31.478046',3,1,NULL,1);
CREATE TABLE image_locations (
	id INTEGER NOT NULL, 
	image_id VARCHAR(36) NOT NULL, 
	value TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	deleted_at DATETIME, 
	deleted BOOLEAN NOT NULL, 
	meta_data TEXT, 
	status VARCHAR(30) DEFAULT 'active' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(image_id) REFERENCES images (id), 
	CHECK (deleted IN (0, 1))
);
INSERT INTO "image_locations" VALUES(1,'516c56ee-ad32-4533-be23-0948fe611851','-HGqD0xEyVQ4I0ZRn3HNTZv0G74fJ_1R0adbTYRholtdNeefTROAsgFCkIymDz4HZtQHEihlgdVE-8c9jh4McAyAYPlAABtdCP0_mpoAYwc=','2026-11-27 12:34:31.969376','2026-11-27 12:34:33.138904',NULL,0,'{"store": "fast"}','active');
INSERT INTO "image_locations" VALUES(2,'13bbd6f8-c7b3-4b94-8d39-1ddd2f9585a2','zQhQkQzcp9BaWgO-_U7BG7iFKV0ElX3PSntQdlDcTY9HXlWuNPfWwE9tskEFWzuGyqm9TnLvenXWYLwYDmXoAAQOY0heztqmN8HZUBAx40w=','2026-11-27 12:34:35.125348','2026-11-27 12:34:35.125367',NULL,0,'{"store": "slow"}','active');
INSERT INTO "image_locations" VALUES(3,'1d4b21da-2ab4-4047-9712-358647b3fdca','nfjYLiYUPesgufgmEJEJff9XWNU-jkn8KqnlmkmYZMRgKdsiJxDd5qGbXebtnsngxbLPHSycbZa1j-0VTKB1J8UrJIPQwPNDcOaDJCExQGU=','2026-11-27 12:34:35.877356','2026-11-27 12:34:35.877371',NULL,0,'{"store": "slow"}','active');
INSERT INTO "image_locations" VALUES(4,'06f0308f-bd9a-4aa1-b80f-b177a0ff61ab','mZNLH5xr3lKK-FdQFWT9p9zyzhaSxpLplzyyJgBUOy15FY0LAx37egUkQHoFdae5-OM-axy5WAbiYf7Ydjf9NopVaJ8d6ejDMeZB16qNPkY=','2026-11-27 12:34:36.254750','2026-11-27 12:34:36.421356',NULL,0,'{"store": "slow"}','active');
INSERT INTO "image_locations" VALUES(5,'4ac1c1c3-a1ed-4e27-b226-8fb640c143a7','2VudH5OTt6r5j2DKvwWC4Rd3vUxxVKLRQv8XYJxxy0ykyZ4F5NoAAkGrT10SqII84njtYXDPGxmtTQ83kXd7LVa-KG6fPiDa95uxuNhu0gE=','2026-11-27 12:34:36.849427','2026-11-27 12:34:36.920986','2026-11-27 12:34:36.920986',1,'{"store": "fast"}','deleted');
INSERT INTO "image_locations" VALUES(6,'a9250b85-e7d7-4322-9c14-3b06b99e3371','vJj-zO42VgCIyHGQVFFI2irJeCG9YRIt7GZw5zc9JON71rpxPyDeKdbk8Ccs_FupwTN5DZeRnD8g3DOvdZb_cXXqxb6IhxKqzX66kZvO764=','2026-11-27 12:34:39.104253','2026-11-27 12:34:39.264755',NULL,0,'{"store": "fast"}','active');
CREATE TABLE image_members (
	id INTEGER NOT NULL, 
	image_id VARCHAR(36) NOT NULL, 
	member VARCHAR(255) NOT NULL, 
	can_share BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	deleted_at DATETIME, 
	deleted BOOLEAN NOT NULL, 
	status VARCHAR(20) DEFAULT 'pending' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(image_id) REFERENCES images (id), 
	CONSTRAINT image_members_image_id_member_deleted_at_key UNIQUE (image_id, member, deleted_at), 
	CHECK (can_share IN (0, 1)), 
	CHECK (deleted IN (0, 1))
);
INSERT INTO "image_members" VALUES(1,'516c56ee-ad32-4533-be23-0948fe611851','accepts',0,'2026-11-27 12:34:33.532752','2026-11-27 12:34:34.135178',NULL,0,'accepted');
INSERT INTO "image_members" VALUES(2,'516c56ee-ad32-4533-be23-0948fe611851','waits',0,'2026-11-27 12:34:33.806558','2026-11-27 12:34:33.806578',NULL,0,'pending');
INSERT INTO "image_members" VALUES(3,'516c56ee-ad32-4533-be23-0948fe611851','left',0,'2026-11-27 12:34:33.938800','2026-11-27 12:34:34.293918','2026-11-27 12:34:34.257032',1,'pending');
CREATE TABLE image_properties (
	id INTEGER NOT NULL, 
	image_id VARCHAR(36) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	value TEXT, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	deleted_at DATETIME, 
	deleted BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(image_id) REFERENCES images (id), 
	CONSTRAINT ix_image_properties_image_id_name UNIQUE (image_id, name), 
	CHECK (deleted IN (0, 1))
);
INSERT INTO "image_properties" VALUES(1,'516c56ee-ad32-4533-be23-0948fe611851','os_type','linux','2026-11-27 12:34:31.523917','2026-11-27 12:34:31.523934',NULL,0);
INSERT INTO "image_properties" VALUES(2,'516c56ee-ad32-4533-be23-0948fe611851','empty','','2026-11-27 12:34:31.574438','2026-11-27 12:34:31.574458',NULL,0);
INSERT INTO "image_properties" VALUES(3,'516c56ee-ad32-4533-be23-0948fe611851','gone','soon','2026-11-27 12:34:32.320483','2026-11-27 12:34:33.097683','2026-11-27 12:34:33.097104',1);
INSERT INTO "image_properties" VALUES(4,'4ac1c1c3-a1ed-4e27-b226-8fb640c143a7','k','v','2026-11-27 12:34:36.635647','2026-11-27 12:34:37.000732','2026-11-27 12:34:36.988935',1);
INSERT INTO "image_properties" VALUES(5,'a9250b85-e7d7-4322-9c14-3b06b99e3371','os_glance_stage_host','http://127.0.0.1:20237','2026-11-27 12:34:37.284202','2026-11-27 12:34:39.250086','2026-11-27 12:34:39.249594',1);
INSERT INTO "image_properties" VALUES(7,'a9250b85-e7d7-4322-9c14-3b06b99e3371','os_glance_importing_to_stores','','2026-11-27 12:34:38.829933','2026-11-27 12:34:39.080307',NULL,0);
INSERT INTO "image_properties" VALUES(8,'a9250b85-e7d7-4322-9c14-3b06b99e3371','os_glance_failed_import','','2026-11-27 12:34:38.830690','2026-11-27 12:34:38.830699',NULL,0);
CREATE TABLE image_tags (
	id INTEGER NOT NULL, 
	image_id VARCHAR(36) NOT NULL, 
	value VARCHAR(255) NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	deleted_at DATETIME, 
	deleted BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(image_id) REFERENCES images (id), 
	CHECK (deleted IN (0, 1))
);
INSERT INTO "image_tags" VALUES(1,'a9250b85-e7d7-4322-9c14-3b06b99e3371','t','2026-11-27 12:34:31.249604','2026-11-27 12:34:31.249628',NULL,0);
INSERT INTO "image_tags" VALUES(2,'516c56ee-ad32-4533-be23-0948fe611851','b','2026-11-27 12:34:31.684502','2026-11-27 12:34:33.256677','2026-11-27 12:34:33.205364',1);
INSERT INTO "image_tags" VALUES(3,'516c56ee-ad32-4533-be23-0948fe611851','c','2026-11-27 12:34:31.702136','2026-11-27 12:34:31.702232',NULL,0);
INSERT INTO "image_tags" VALUES(4,'516c56ee-ad32-4533-be23-0948fe611851','a','2026-11-27 12:34:31.703393','2026-11-27 12:34:31.703406',NULL,0);
INSERT INTO "image_tags" VALUES(5,'4ac1c1c3-a1ed-4e27-b226-8fb640c143a7','t','2026-11-27 12:34:36.703441','2026-11-27 12:34:37.068061','2026-11-27 12:34:37.037494',1);
CREATE TABLE "images" (
	id VARCHAR(36) NOT NULL, 
	name VARCHAR(255), 
	size INTEGER, 
	status VARCHAR(30) NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	deleted_at DATETIME, 
	deleted BOOLEAN NOT NULL, 
	disk_format VARCHAR(20), 
	container_format VARCHAR(20), 
	checksum VARCHAR(32), 
	owner VARCHAR(255), 
	min_disk INTEGER NOT NULL, 
	min_ram INTEGER NOT NULL, 
	protected BOOLEAN DEFAULT 0 NOT NULL, 
	virtual_size INTEGER, 
	visibility VARCHAR(9) DEFAULT 'shared' NOT NULL, 
	os_hidden BOOLEAN DEFAULT 0 NOT NULL, 
	os_hash_algo VARCHAR(64), 
	os_hash_value VARCHAR(128), 
	PRIMARY KEY (id)
);
INSERT INTO "images" VALUES('a9250b85-e7d7-4322-9c14-3b06b99e3371','queued',6,'active','2026-11-27 12:34:30.578958','2026-11-27 12:34:39.244113',NULL,0,'raw','bare','d9bd6a906c1874ff572d37eab305c2fc','owner',0,0,0,6,'shared',0,'sha512','c7f7a5c88fa1fe6dd26e6c0996526396d64dd1a311687de90c1d1f66388051cdd0c00ef289cd2a68448f25012b3ccb00dc23440334ae49b1ed3cee175fe91fd9');
INSERT INTO "images" VALUES('516c56ee-ad32-4533-be23-0948fe611851','full',3,'active','2026-11-27 12:34:31.478046','2026-11-27 12:34:33.031347',NULL,0,'raw','bare','900150983cd24fb0d6963f7d28e17f72','owner',1,2,0,3,'shared',0,'sha512','ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f');
INSERT INTO "images" VALUES('13bbd6f8-c7b3-4b94-8d39-1ddd2f9585a2','open',4,'active','2026-11-27 12:34:34.543666','2026-11-27 12:34:35.081983',NULL,0,'raw','bare','7cef8a734855777c2a9d0caf42666e69','operators',0,0,0,4,'public',0,'sha512','fbda8fe18e9761785da66d4839b02e9b71363bf9a432499e95c164bcc9586a7221075b93680286b56276d9559b783275c4122e3ce627f530c88bb3fee7b7d1cf');
INSERT INTO "images" VALUES('1d4b21da-2ab4-4047-9712-358647b3fdca','common',6,'active','2026-11-27 12:34:35.490159','2026-11-27 12:34:35.855080',NULL,0,'raw','bare','9efab2399c7c560b34de477b9aa0a465','operators',0,0,0,6,'community',1,'sha512','c6ae15dadedd06800140dd324152620874e1b08778bbfed5ae0ab3bb3f92def07630dd965bdade2edd56a28bde5524ade7328bf5303203a569660cdf5b6c63b3');
INSERT INTO "images" VALUES('06f0308f-bd9a-4aa1-b80f-b177a0ff61ab','own',3,'deactivated','2026-11-27 12:34:36.046663','2026-11-27 12:34:36.407284',NULL,0,'raw','bare','b515e18aa3fbe7d264d7ca5a95ef73e1','operators',0,0,0,3,'private',0,'sha512','bcabe3f2dc4019baf5cc08625ae0aa59f844953301b893666d22d8ceae6978c160915b1bf26145640fa987660ec818aeb684a46372f5946eec7f6205026849ee');
INSERT INTO "images" VALUES('4ac1c1c3-a1ed-4e27-b226-8fb640c143a7','dropped',7,'deleted','2026-11-27 12:34:36.616277','2026-11-27 12:34:37.046922','2026-11-27 12:34:37.037494',1,'raw','bare','41d368a58ee26891a6a586ddaaa604f8','owner',0,0,0,7,'shared',0,'sha512','5eee4c14436a5e849af140171e52a068cf6456c64194774f1273557cbe06dcda89ac3fb40f41b7cee0987213ff199dc4b5c6731555ada7025f661cfcb7bac268');
CREATE TABLE metadef_namespace_resource_types (
	resource_type_id INTEGER NOT NULL, 
	namespace_id INTEGER NOT NULL, 
	properties_target VARCHAR(80), 
	prefix VARCHAR(80), 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	PRIMARY KEY (resource_type_id, namespace_id), 
	FOREIGN KEY(namespace_id) REFERENCES metadef_namespaces (id), 
	FOREIGN KEY(resource_type_id) REFERENCES metadef_resource_types (id)
);
INSERT INTO "metadef_namespace_resource_types" VALUES(1,1,'image','hw_','2026-11-27 12:34:39.671664','2026-11-27 12:34:39.671679');
CREATE TABLE metadef_namespaces (
	id INTEGER NOT NULL, 
	namespace VARCHAR(80) NOT NULL, 
	display_name VARCHAR(80), 
	description TEXT, 
	visibility VARCHAR(32), 
	protected BOOLEAN, 
	owner VARCHAR(255) NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_metadef_namespaces_namespace UNIQUE (namespace), 
	CHECK (protected IN (0, 1))
);
INSERT INTO "metadef_namespaces" VALUES(1,'N::S','Names',NULL,'public',1,'operators','2026-11-27 12:34:39.188701','2026-11-27 12:34:39.188891');
CREATE TABLE metadef_objects (
	id INTEGER NOT NULL, 
	namespace_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	description TEXT, 
	required TEXT, 
	json_schema TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(namespace_id) REFERENCES metadef_namespaces (id), 
	CONSTRAINT uq_metadef_objects_namespace_id_name UNIQUE (namespace_id, name)
);
INSERT INTO "metadef_objects" VALUES(1,1,'box',NULL,'size','{"size": {"type": "integer", "title": "Size", "minimum": 1}}','2026-11-27 12:34:39.480959','2026-11-27 12:34:39.480972');
CREATE TABLE metadef_properties (
	id INTEGER NOT NULL, 
	namespace_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	json_schema TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(namespace_id) REFERENCES metadef_namespaces (id), 
	CONSTRAINT uq_metadef_properties_namespace_id_name UNIQUE (namespace_id, name)
);
INSERT INTO "metadef_properties" VALUES(1,1,'size','{"name": "size", "type": "integer", "title": "Size", "minimum": 1}','2026-11-27 12:34:39.350273','2026-11-27 12:34:39.350291');
CREATE TABLE metadef_resource_types (
	id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	protected BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_metadef_resource_types_name UNIQUE (name), 
	CHECK (protected IN (0, 1))
);
INSERT INTO "metadef_resource_types" VALUES(1,'OS::Glance::Image',0,'2026-11-27 12:34:39.633280','2026-11-27 12:34:39.633294');
CREATE TABLE metadef_tags (
	id INTEGER NOT NULL, 
	namespace_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(namespace_id) REFERENCES metadef_namespaces (id), 
	CONSTRAINT uq_metadef_tags_namespace_id_name UNIQUE (namespace_id, name)
);
INSERT INTO "metadef_tags" VALUES(1,1,'small','2026-11-27 12:34:39.585193','2026-11-27 12:34:39.585205');
CREATE TABLE node_reference (
	node_reference_id INTEGER NOT NULL, 
	node_reference_url VARCHAR(255) NOT NULL, 
	PRIMARY KEY (node_reference_id), 
	CONSTRAINT uq_node_reference_node_reference_url UNIQUE (node_reference_url)
);
INSERT INTO "node_reference" VALUES(1,'http://node');
CREATE TABLE task_info (
	task_id VARCHAR(36) NOT NULL, 
	input TEXT, 
	result TEXT, 
	message TEXT, 
	PRIMARY KEY (task_id), 
	FOREIGN KEY(task_id) REFERENCES tasks (id)
);
INSERT INTO "task_info" VALUES('e8427772-d679-4a44-8ee1-ab65530fc28e','{"image_id": "a9250b85-e7d7-4322-9c14-3b06b99e3371", "import_req": {"method": {"name": "glance-direct"}}, "backend": ["fast"]}','{"image_id": "a9250b85-e7d7-4322-9c14-3b06b99e3371"}','Copied 0 MiB');
CREATE TABLE tasks (
	id VARCHAR(36) NOT NULL, 
	type VARCHAR(30) NOT NULL, 
	status VARCHAR(30) NOT NULL, 
	owner VARCHAR(255) NOT NULL, 
	expires_at DATETIME, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME, 
	deleted_at DATETIME, 
	deleted BOOLEAN NOT NULL, image_id VARCHAR(36), request_id VARCHAR(64), user_id VARCHAR(64), 
	PRIMARY KEY (id), 
	CHECK (deleted IN (0, 1))
);
INSERT INTO "tasks" VALUES('e8427772-d679-4a44-8ee1-ab65530fc28e','api_image_import','success','owner','2026-11-29 12:34:39.391626','2026-11-27 12:34:37.387427','2026-11-27 12:34:39.403323',NULL,0,'a9250b85-e7d7-4322-9c14-3b06b99e3371','req-8ad940ff-5892-49bd-bb96-6c9f5814132e','user-of-owner');
CREATE INDEX ix_image_properties_deleted ON image_properties (deleted);
CREATE INDEX ix_image_properties_image_id ON image_properties (image_id);
CREATE INDEX ix_image_locations_deleted ON image_locations (deleted);
CREATE INDEX ix_image_locations_image_id ON image_locations (image_id);
CREATE INDEX ix_image_members_deleted ON image_members (deleted);
CREATE INDEX ix_image_members_image_id ON image_members (image_id);
CREATE INDEX ix_image_members_image_id_member ON image_members (image_id, member);
CREATE INDEX ix_image_tags_image_id ON image_tags (image_id);
CREATE INDEX ix_image_tags_image_id_tag_value ON image_tags (image_id, value);
CREATE INDEX ix_tasks_deleted ON tasks (deleted);
CREATE INDEX ix_tasks_owner ON tasks (owner);
CREATE INDEX ix_tasks_status ON tasks (status);
CREATE INDEX ix_tasks_type ON tasks (type);
CREATE INDEX ix_tasks_updated_at ON tasks (updated_at);
CREATE INDEX ix_metadef_namespaces_owner ON metadef_namespaces (owner);
CREATE INDEX ix_metadef_ns_res_types_namespace_id ON metadef_namespace_resource_types (namespace_id);
CREATE INDEX ix_metadef_objects_name ON metadef_objects (name);
CREATE INDEX ix_metadef_properties_name ON metadef_properties (name);
CREATE INDEX ix_metadef_tags_name ON metadef_tags (name);
CREATE INDEX ix_tasks_image_id ON tasks (image_id);
CREATE INDEX checksum_image_idx ON images (checksum);
CREATE INDEX os_hidden_image_idx ON images (os_hidden);
CREATE INDEX os_hash_value_image_idx ON images (os_hash_value);
CREATE INDEX visibility_image_idx ON images (visibility);
CREATE INDEX ix_images_deleted ON images (deleted);
CREATE INDEX updated_at_image_idx ON images (updated_at);
CREATE INDEX owner_image_idx ON images (owner);
CREATE INDEX created_at_image_idx ON images (created_at);
COMMIT;
