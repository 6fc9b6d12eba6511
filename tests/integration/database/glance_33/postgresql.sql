CREATE TYPE public.image_visibility AS ENUM (
    'private',
    'public',
    'shared',
    'community'
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.cached_images (
    id bigint NOT NULL,
    image_id character varying(36) NOT NULL,
    last_accessed timestamp without time zone NOT NULL,
    last_modified timestamp without time zone NOT NULL,
    size bigint NOT NULL,
    hits integer NOT NULL,
    checksum character varying(32),
    node_reference_id bigint NOT NULL
);
CREATE SEQUENCE public.cached_images_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.cached_images_id_seq OWNED BY public.cached_images.id;
CREATE TABLE public.image_locations (
    id integer NOT NULL,
    image_id character varying(36) NOT NULL,
    value text NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone,
    deleted_at timestamp without time zone,
    deleted boolean NOT NULL,
    meta_data text,
    status character varying(30) DEFAULT 'active'::character varying NOT NULL
);
CREATE SEQUENCE public.image_locations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.image_locations_id_seq OWNED BY public.image_locations.id;
CREATE TABLE public.image_members (
    id integer NOT NULL,
    image_id character varying(36) NOT NULL,
    member character varying(255) NOT NULL,
    can_share boolean NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone,
    deleted_at timestamp without time zone,
    deleted boolean NOT NULL,
    status character varying(20) DEFAULT 'pending'::character varying NOT NULL
);
CREATE SEQUENCE public.image_members_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.image_members_id_seq OWNED BY public.image_members.id;
CREATE TABLE public.image_properties (
    id integer NOT NULL,
    image_id character varying(36) NOT NULL,
    name character varying(255) NOT NULL,
    value text,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone,
    deleted_at timestamp without time zone,
    deleted boolean NOT NULL
);
CREATE SEQUENCE public.image_properties_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.image_properties_id_seq OWNED BY public.image_properties.id;
CREATE TABLE public.image_tags (
    id integer NOT NULL,
    image_id character varying(36) NOT NULL,
    value character varying(255) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone,
    deleted_at timestamp without time zone,
    deleted boolean NOT NULL
);
CREATE SEQUENCE public.image_tags_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.image_tags_id_seq OWNED BY public.image_tags.id;
CREATE TABLE public.images (
    id character varying(36) NOT NULL,
    name character varying(255),
    size bigint,
    status character varying(30) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone,
    deleted_at timestamp without time zone,
    deleted boolean NOT NULL,
    disk_format character varying(20),
    container_format character varying(20),
    checksum character varying(32),
    owner character varying(255),
    min_disk integer NOT NULL,
    min_ram integer NOT NULL,
    protected boolean DEFAULT false NOT NULL,
    virtual_size bigint,
    visibility public.image_visibility DEFAULT 'shared'::public.image_visibility NOT NULL,
    os_hidden boolean DEFAULT false NOT NULL,
    os_hash_algo character varying(64),
    os_hash_value character varying(128)
);
CREATE TABLE public.metadef_namespace_resource_types (
    resource_type_id integer NOT NULL,
    namespace_id integer NOT NULL,
    properties_target character varying(80),
    prefix character varying(80),
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone
);
CREATE TABLE public.metadef_namespaces (
    id integer NOT NULL,
    namespace character varying(80) NOT NULL,
    display_name character varying(80),
    description text,
    visibility character varying(32),
    protected boolean,
    owner character varying(255) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone
);
CREATE SEQUENCE public.metadef_namespaces_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.metadef_namespaces_id_seq OWNED BY public.metadef_namespaces.id;
CREATE TABLE public.metadef_objects (
    id integer NOT NULL,
    namespace_id integer NOT NULL,
    name character varying(80) NOT NULL,
    description text,
    required text,
    json_schema text NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone
);
CREATE SEQUENCE public.metadef_objects_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.metadef_objects_id_seq OWNED BY public.metadef_objects.id;
CREATE TABLE public.metadef_properties (
    id integer NOT NULL,
    namespace_id integer NOT NULL,
    name character varying(80) NOT NULL,
    json_schema text NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone
);
CREATE SEQUENCE public.metadef_properties_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.metadef_properties_id_seq OWNED BY public.metadef_properties.id;
CREATE TABLE public.metadef_resource_types (
    id integer NOT NULL,
    name character varying(80) NOT NULL,
    protected boolean NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone
);
CREATE SEQUENCE public.metadef_resource_types_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.metadef_resource_types_id_seq OWNED BY public.metadef_resource_types.id;
CREATE TABLE public.metadef_tags (
    id integer NOT NULL,
    namespace_id integer NOT NULL,
    name character varying(80) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone
);
CREATE SEQUENCE public.metadef_tags_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.metadef_tags_id_seq OWNED BY public.metadef_tags.id;
CREATE TABLE public.node_reference (
    node_reference_id bigint NOT NULL,
    node_reference_url character varying(255) NOT NULL
);
CREATE SEQUENCE public.node_reference_node_reference_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.node_reference_node_reference_id_seq OWNED BY public.node_reference.node_reference_id;
CREATE TABLE public.task_info (
    task_id character varying(36) NOT NULL,
    input text,
    result text,
    message text
);
CREATE TABLE public.tasks (
    id character varying(36) NOT NULL,
    type character varying(30) NOT NULL,
    status character varying(30) NOT NULL,
    owner character varying(255) NOT NULL,
    expires_at timestamp without time zone,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone,
    deleted_at timestamp without time zone,
    deleted boolean NOT NULL,
    image_id character varying(36),
    request_id character varying(64),
    user_id character varying(64)
);
ALTER TABLE ONLY public.cached_images ALTER COLUMN id SET DEFAULT nextval('public.cached_images_id_seq'::regclass);
ALTER TABLE ONLY public.image_locations ALTER COLUMN id SET DEFAULT nextval('public.image_locations_id_seq'::regclass);
ALTER TABLE ONLY public.image_members ALTER COLUMN id SET DEFAULT nextval('public.image_members_id_seq'::regclass);
ALTER TABLE ONLY public.image_properties ALTER COLUMN id SET DEFAULT nextval('public.image_properties_id_seq'::regclass);
ALTER TABLE ONLY public.image_tags ALTER COLUMN id SET DEFAULT nextval('public.image_tags_id_seq'::regclass);
ALTER TABLE ONLY public.metadef_namespaces ALTER COLUMN id SET DEFAULT nextval('public.metadef_namespaces_id_seq'::regclass);
ALTER TABLE ONLY public.metadef_objects ALTER COLUMN id SET DEFAULT nextval('public.metadef_objects_id_seq'::regclass);
ALTER TABLE ONLY public.metadef_properties ALTER COLUMN id SET DEFAULT nextval('public.metadef_properties_id_seq'::regclass);
ALTER TABLE ONLY public.metadef_resource_types ALTER COLUMN id SET DEFAULT nextval('public.metadef_resource_types_id_seq'::regclass);
ALTER TABLE ONLY public.metadef_tags ALTER COLUMN id SET DEFAULT nextval('public.metadef_tags_id_seq'::regclass);
ALTER TABLE ONLY public.node_reference ALTER COLUMN node_reference_id SET DEFAULT nextval('public.node_reference_node_reference_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('2024_1_contract01');
INSERT INTO public.cached_images VALUES (1, 'a3888304-c0ff-4517-8722-63790e47229a', '2026-11-27 12:35:18.961387', '2026-11-27 12:35:18.961387', 3, 1, NULL, 1);
INSERT INTO public.image_locations VALUES (1, 'a3888304-c0ff-4517-8722-63790e47229a', 'iB0lc109U8a3bStiq6Nw8Gt5ouoL65Isk5oT7nCamG1eqtsM4kvKm-g3eNCPHWvzsHOy1A07c_7W43uf2Qgo5ve37mjwWSpQZ4JtOyEpTHk=', '2026-11-27 12:35:19.209847', '2026-11-27 12:35:19.653248', NULL, false, '{"store": "fast"}', 'active');
INSERT INTO public.image_locations VALUES (2, '8a1b953d-76e8-4872-a8cc-d572bb2bae93', 'tumQuX8siP1AIdoymo4IHJ7Um19KxIBl5TpAlFpwGrTdBn7EpsV_nlqqz-2tsSRNiektmwvmDEMk_Ix9DGQUo31LukZqf6ZhLX42qz9kR-c=', '2026-11-27 12:35:20.436712', '2026-11-27 12:35:20.436723', NULL, false, '{"store": "slow"}', 'active');
INSERT INTO public.image_locations VALUES (3, 'e1db6c22-f148-476b-a446-a3adfde9dcda', 'BC937h4bK6VXt6_Vsdu7RT2SAZc7f2ssbeZc17yRAqy7D98ocR8Eii-_hwjQtNppvBsbeyd6AuWWs8cHZirLzBUQyiB5d-FF3Ee-ofVm8-o=', '2026-11-27 12:35:20.711609', '2026-11-27 12:35:20.711618', NULL, false, '{"store": "slow"}', 'active');
INSERT INTO public.image_locations VALUES (4, 'a89bd812-5b34-42b2-876d-bb768594f339', '_VfwIobRiPbv90-h3V0lXq0LsewMwE2Dqkyddz35jAVMukWjJ8aaj-e6ly_Wca76NYNrt8fyy3ARdA1o4s0HrY6upCEjp8_16cuKIKkW790=', '2026-11-27 12:35:20.961418', '2026-11-27 12:35:21.054016', NULL, false, '{"store": "slow"}', 'active');
INSERT INTO public.image_locations VALUES (5, '70899a9c-2b60-4721-9ff7-924d5dcf8896', 'qXrWvX4AkT9zD12KbvaD2JAuDPPG__HFLMhEEcRlSVSsENrol3KC8O0lY5wNzF3bUc_0ncfUU1OromN-bVd0zJHdhz7fidHyqcMU_HySVIY=', '2026-11-27 12:35:21.30655', '2026-11-27 12:35:21.374112', '2026-11-27 12:35:21.374112', true, '{"store": "fast"}', 'deleted');
INSERT INTO public.image_locations VALUES (6, 'b288fc4a-4771-4ca0-9e7a-a5e9c3c3197e', '00h8QRf0eayLThHenPWCBbXjWzup8Gul489cYhCKchz4PniHBHgfuBToC5A22vaUX2oHh6tSXiJBhoL3ibnA3o8Y-Zn_w_8v2-aGsGkFHJ4=', '2026-11-27 12:35:23.997388', '2026-11-27 12:35:24.188683', NULL, false, '{"store": "fast"}', 'active');
INSERT INTO public.image_members VALUES (2, 'a3888304-c0ff-4517-8722-63790e47229a', 'waits', false, '2026-11-27 12:35:19.837987', '2026-11-27 12:35:19.837998', NULL, false, 'pending');
INSERT INTO public.image_members VALUES (1, 'a3888304-c0ff-4517-8722-63790e47229a', 'accepts', false, '2026-11-27 12:35:19.785825', '2026-11-27 12:35:19.987354', NULL, false, 'accepted');
INSERT INTO public.image_members VALUES (3, 'a3888304-c0ff-4517-8722-63790e47229a', 'left', false, '2026-11-27 12:35:19.924021', '2026-11-27 12:35:20.052612', '2026-11-27 12:35:20.033209', true, 'pending');
INSERT INTO public.image_properties VALUES (1, 'a3888304-c0ff-4517-8722-63790e47229a', 'os_type', 'linux', '2026-11-27 12:35:18.982504', '2026-11-27 12:35:18.982516', NULL, false);
INSERT INTO public.image_properties VALUES (2, 'a3888304-c0ff-4517-8722-63790e47229a', 'empty', '', '2026-11-27 12:35:18.995226', '2026-11-27 12:35:18.995238', NULL, false);
INSERT INTO public.image_properties VALUES (3, 'a3888304-c0ff-4517-8722-63790e47229a', 'gone', 'soon', '2026-11-27 12:35:19.39744', '2026-11-27 12:35:19.647516', '2026-11-27 12:35:19.646792', true);
INSERT INTO public.image_properties VALUES (4, '70899a9c-2b60-4721-9ff7-924d5dcf8896', 'k', 'v', '2026-11-27 12:35:21.191116', '2026-11-27 12:35:21.442945', '2026-11-27 12:35:21.44256', true);
INSERT INTO public.image_properties VALUES (8, 'b288fc4a-4771-4ca0-9e7a-a5e9c3c3197e', 'os_glance_failed_import', '', '2026-11-27 12:35:23.424704', '2026-11-27 12:35:23.424717', NULL, false);
INSERT INTO public.image_properties VALUES (7, 'b288fc4a-4771-4ca0-9e7a-a5e9c3c3197e', 'os_glance_importing_to_stores', '', '2026-11-27 12:35:23.412367', '2026-11-27 12:35:23.98818', NULL, false);
INSERT INTO public.image_properties VALUES (5, 'b288fc4a-4771-4ca0-9e7a-a5e9c3c3197e', 'os_glance_stage_host', 'http://127.0.0.1:23323', '2026-11-27 12:35:21.606554', '2026-11-27 12:35:24.160531', '2026-11-27 12:35:24.160241', true);
INSERT INTO public.image_tags VALUES (1, 'b288fc4a-4771-4ca0-9e7a-a5e9c3c3197e', 't', '2026-11-27 12:35:18.880595', '2026-11-27 12:35:18.880607', NULL, false);
INSERT INTO public.image_tags VALUES (2, 'a3888304-c0ff-4517-8722-63790e47229a', 'c', '2026-11-27 12:35:19.013646', '2026-11-27 12:35:19.013658', NULL, false);
INSERT INTO public.image_tags VALUES (3, 'a3888304-c0ff-4517-8722-63790e47229a', 'a', '2026-11-27 12:35:19.022658', '2026-11-27 12:35:19.022671', NULL, false);
INSERT INTO public.image_tags VALUES (4, 'a3888304-c0ff-4517-8722-63790e47229a', 'b', '2026-11-27 12:35:19.023505', '2026-11-27 12:35:19.686671', '2026-11-27 12:35:19.68508', true);
INSERT INTO public.image_tags VALUES (5, '70899a9c-2b60-4721-9ff7-924d5dcf8896', 't', '2026-11-27 12:35:21.208505', '2026-11-27 12:35:21.501032', '2026-11-27 12:35:21.46087', true);
INSERT INTO public.images VALUES ('a3888304-c0ff-4517-8722-63790e47229a', 'full', 3, 'active', '2026-11-27 12:35:18.961387', '2026-11-27 12:35:19.623794', NULL, false, 'raw', 'bare', '900150983cd24fb0d6963f7d28e17f72', 'owner', 1, 2, false, 3, 'shared', false, 'sha512', 'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f');
INSERT INTO public.images VALUES ('8a1b953d-76e8-4872-a8cc-d572bb2bae93', 'open', 4, 'active', '2026-11-27 12:35:20.242425', '2026-11-27 12:35:20.417545', NULL, false, 'raw', 'bare', '7cef8a734855777c2a9d0caf42666e69', 'operators', 0, 0, false, 4, 'public', false, 'sha512', 'fbda8fe18e9761785da66d4839b02e9b71363bf9a432499e95c164bcc9586a7221075b93680286b56276d9559b783275c4122e3ce627f530c88bb3fee7b7d1cf');
INSERT INTO public.images VALUES ('e1db6c22-f148-476b-a446-a3adfde9dcda', 'common', 6, 'active', '2026-11-27 12:35:20.586477', '2026-11-27 12:35:20.699717', NULL, false, 'raw', 'bare', '9efab2399c7c560b34de477b9aa0a465', 'operators', 0, 0, false, 6, 'community', true, 'sha512', 'c6ae15dadedd06800140dd324152620874e1b08778bbfed5ae0ab3bb3f92def07630dd965bdade2edd56a28bde5524ade7328bf5303203a569660cdf5b6c63b3');
INSERT INTO public.images VALUES ('a89bd812-5b34-42b2-876d-bb768594f339', 'own', 3, 'deactivated', '2026-11-27 12:35:20.799643', '2026-11-27 12:35:21.028244', NULL, false, 'raw', 'bare', 'b515e18aa3fbe7d264d7ca5a95ef73e1', 'operators', 0, 0, false, 3, 'private', false, 'sha512', 'bcabe3f2dc4019baf5cc08625ae0aa59f844953301b893666d22d8ceae6978c160915b1bf26145640fa987660ec818aeb684a46372f5946eec7f6205026849ee');
INSERT INTO public.images VALUES ('70899a9c-2b60-4721-9ff7-924d5dcf8896', 'dropped', 7, 'deleted', '2026-11-27 12:35:21.175044', '2026-11-27 12:35:21.468209', '2026-11-27 12:35:21.46087', true, 'raw', 'bare', '41d368a58ee26891a6a586ddaaa604f8', 'owner', 0, 0, false, 7, 'shared', false, 'sha512', '5eee4c14436a5e849af140171e52a068cf6456c64194774f1273557cbe06dcda89ac3fb40f41b7cee0987213ff199dc4b5c6731555ada7025f661cfcb7bac268');
INSERT INTO public.images VALUES ('b288fc4a-4771-4ca0-9e7a-a5e9c3c3197e', 'queued', 6, 'active', '2026-11-27 12:35:18.498452', '2026-11-27 12:35:24.13555', NULL, false, 'raw', 'bare', 'd9bd6a906c1874ff572d37eab305c2fc', 'owner', 0, 0, false, 6, 'shared', false, 'sha512', 'c7f7a5c88fa1fe6dd26e6c0996526396d64dd1a311687de90c1d1f66388051cdd0c00ef289cd2a68448f25012b3ccb00dc23440334ae49b1ed3cee175fe91fd9');
INSERT INTO public.metadef_namespace_resource_types VALUES (1, 1, 'image', 'hw_', '2026-11-27 12:35:25.088791', '2026-11-27 12:35:25.088808');
INSERT INTO public.metadef_namespaces VALUES (1, 'N::S', 'Names', NULL, 'public', true, 'operators', '2026-11-27 12:35:24.130332', '2026-11-27 12:35:24.130342');
INSERT INTO public.metadef_objects VALUES (1, 1, 'box', NULL, 'size', '{"size": {"type": "integer", "title": "Size", "minimum": 1}}', '2026-11-27 12:35:24.56005', '2026-11-27 12:35:24.56006');
INSERT INTO public.metadef_properties VALUES (1, 1, 'size', '{"name": "size", "type": "integer", "title": "Size", "minimum": 1}', '2026-11-27 12:35:24.198586', '2026-11-27 12:35:24.198595');
INSERT INTO public.metadef_resource_types VALUES (1, 'OS::Glance::Image', false, '2026-11-27 12:35:25.069021', '2026-11-27 12:35:25.069034');
INSERT INTO public.metadef_tags VALUES (1, 1, 'small', '2026-11-27 12:35:24.787546', '2026-11-27 12:35:24.787558');
INSERT INTO public.node_reference VALUES (1, 'http://node');
INSERT INTO public.task_info VALUES ('c59f6118-0bb0-4fc3-a4aa-795eafa00218', '{"image_id": "b288fc4a-4771-4ca0-9e7a-a5e9c3c3197e", "import_req": {"method": {"name": "glance-direct"}}, "backend": ["fast"]}', '{"image_id": "b288fc4a-4771-4ca0-9e7a-a5e9c3c3197e"}', 'Copied 0 MiB');
INSERT INTO public.tasks VALUES ('c59f6118-0bb0-4fc3-a4aa-795eafa00218', 'api_image_import', 'success', 'owner', '2026-11-29 12:35:24.398227', '2026-11-27 12:35:21.66151', '2026-11-27 12:35:24.445594', NULL, false, 'b288fc4a-4771-4ca0-9e7a-a5e9c3c3197e', 'req-70aa6027-45a4-480d-8d8d-b79005bed64c', 'user-of-owner');
SELECT pg_catalog.setval('public.cached_images_id_seq', 1, true);
SELECT pg_catalog.setval('public.image_locations_id_seq', 6, true);
SELECT pg_catalog.setval('public.image_members_id_seq', 3, true);
SELECT pg_catalog.setval('public.image_properties_id_seq', 8, true);
SELECT pg_catalog.setval('public.image_tags_id_seq', 5, true);
SELECT pg_catalog.setval('public.metadef_namespaces_id_seq', 1, true);
SELECT pg_catalog.setval('public.metadef_objects_id_seq', 1, true);
SELECT pg_catalog.setval('public.metadef_properties_id_seq', 1, true);
SELECT pg_catalog.setval('public.metadef_resource_types_id_seq', 1, true);
SELECT pg_catalog.setval('public.metadef_tags_id_seq', 1, true);
SELECT pg_catalog.setval('public.node_reference_node_reference_id_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.cached_images
    ADD CONSTRAINT cached_images_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.image_locations
    ADD CONSTRAINT image_locations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.image_members
    ADD CONSTRAINT image_members_image_id_member_deleted_at_key UNIQUE (image_id, member, deleted_at);
ALTER TABLE ONLY public.image_members
    ADD CONSTRAINT image_members_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.image_properties
    ADD CONSTRAINT image_properties_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.image_tags
    ADD CONSTRAINT image_tags_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.cached_images
    ADD CONSTRAINT ix_cached_images_image_id_node_reference_id UNIQUE (image_id, node_reference_id);
ALTER TABLE ONLY public.image_properties
    ADD CONSTRAINT ix_image_properties_image_id_name UNIQUE (image_id, name);
ALTER TABLE ONLY public.metadef_namespace_resource_types
    ADD CONSTRAINT metadef_namespace_resource_types_pkey PRIMARY KEY (resource_type_id, namespace_id);
ALTER TABLE ONLY public.metadef_namespaces
    ADD CONSTRAINT metadef_namespaces_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.metadef_objects
    ADD CONSTRAINT metadef_objects_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.metadef_properties
    ADD CONSTRAINT metadef_properties_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.metadef_resource_types
    ADD CONSTRAINT metadef_resource_types_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.metadef_tags
    ADD CONSTRAINT metadef_tags_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.node_reference
    ADD CONSTRAINT node_reference_pkey PRIMARY KEY (node_reference_id);
ALTER TABLE ONLY public.task_info
    ADD CONSTRAINT task_info_pkey PRIMARY KEY (task_id);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.metadef_namespaces
    ADD CONSTRAINT uq_metadef_namespaces_namespace UNIQUE (namespace);
ALTER TABLE ONLY public.metadef_objects
    ADD CONSTRAINT uq_metadef_objects_namespace_id_name UNIQUE (namespace_id, name);
ALTER TABLE ONLY public.metadef_properties
    ADD CONSTRAINT uq_metadef_properties_namespace_id_name UNIQUE (namespace_id, name);
ALTER TABLE ONLY public.metadef_resource_types
    ADD CONSTRAINT uq_metadef_resource_types_name UNIQUE (name);
ALTER TABLE ONLY public.metadef_tags
    ADD CONSTRAINT uq_metadef_tags_namespace_id_name UNIQUE (namespace_id, name);
ALTER TABLE ONLY public.node_reference
    ADD CONSTRAINT uq_node_reference_node_reference_url UNIQUE (node_reference_url);
CREATE INDEX checksum_image_idx ON public.images USING btree (checksum);
CREATE INDEX created_at_image_idx ON public.images USING btree (created_at);
CREATE INDEX ix_image_locations_deleted ON public.image_locations USING btree (deleted);
CREATE INDEX ix_image_locations_image_id ON public.image_locations USING btree (image_id);
CREATE INDEX ix_image_members_deleted ON public.image_members USING btree (deleted);
CREATE INDEX ix_image_members_image_id ON public.image_members USING btree (image_id);
CREATE INDEX ix_image_members_image_id_member ON public.image_members USING btree (image_id, member);
CREATE INDEX ix_image_properties_deleted ON public.image_properties USING btree (deleted);
CREATE INDEX ix_image_properties_image_id ON public.image_properties USING btree (image_id);
CREATE INDEX ix_image_tags_image_id ON public.image_tags USING btree (image_id);
CREATE INDEX ix_image_tags_image_id_tag_value ON public.image_tags USING btree (image_id, value);
CREATE INDEX ix_images_deleted ON public.images USING btree (deleted);
CREATE INDEX ix_metadef_namespaces_owner ON public.metadef_namespaces USING btree (owner);
CREATE INDEX ix_metadef_ns_res_types_namespace_id ON public.metadef_namespace_resource_types USING btree (namespace_id);
CREATE INDEX ix_metadef_objects_name ON public.metadef_objects USING btree (name);
CREATE INDEX ix_metadef_properties_name ON public.metadef_properties USING btree (name);
CREATE INDEX ix_metadef_tags_name ON public.metadef_tags USING btree (name);
CREATE INDEX ix_tasks_deleted ON public.tasks USING btree (deleted);
CREATE INDEX ix_tasks_image_id ON public.tasks USING btree (image_id);
CREATE INDEX ix_tasks_owner ON public.tasks USING btree (owner);
CREATE INDEX ix_tasks_status ON public.tasks USING btree (status);
CREATE INDEX ix_tasks_type ON public.tasks USING btree (type);
CREATE INDEX ix_tasks_updated_at ON public.tasks USING btree (updated_at);
CREATE INDEX os_hash_value_image_idx ON public.images USING btree (os_hash_value);
CREATE INDEX os_hidden_image_idx ON public.images USING btree (os_hidden);
CREATE INDEX owner_image_idx ON public.images USING btree (owner);
CREATE INDEX updated_at_image_idx ON public.images USING btree (updated_at);
CREATE INDEX visibility_image_idx ON public.images USING btree (visibility);
ALTER TABLE ONLY public.cached_images
    ADD CONSTRAINT cached_images_node_reference_id_fkey FOREIGN KEY (node_reference_id) REFERENCES public.node_reference(node_reference_id);
ALTER TABLE ONLY public.image_locations
    ADD CONSTRAINT image_locations_image_id_fkey FOREIGN KEY (image_id) REFERENCES public.images(id);
ALTER TABLE ONLY public.image_members
    ADD CONSTRAINT image_members_image_id_fkey FOREIGN KEY (image_id) REFERENCES public.images(id);
ALTER TABLE ONLY public.image_properties
    ADD CONSTRAINT image_properties_image_id_fkey FOREIGN KEY (image_id) REFERENCES public.images(id);
ALTER TABLE ONLY public.image_tags
    ADD CONSTRAINT image_tags_image_id_fkey FOREIGN KEY (image_id) REFERENCES public.images(id);
ALTER TABLE ONLY public.metadef_namespace_resource_types
    ADD CONSTRAINT metadef_namespace_resource_types_namespace_id_fkey FOREIGN KEY (namespace_id) REFERENCES public.metadef_namespaces(id);
ALTER TABLE ONLY public.metadef_namespace_resource_types
    ADD CONSTRAINT metadef_namespace_resource_types_resource_type_id_fkey FOREIGN KEY (resource_type_id) REFERENCES public.metadef_resource_types(id);
ALTER TABLE ONLY public.metadef_objects
    ADD CONSTRAINT metadef_objects_namespace_id_fkey FOREIGN KEY (namespace_id) REFERENCES public.metadef_namespaces(id);
ALTER TABLE ONLY public.metadef_properties
    ADD CONSTRAINT metadef_properties_namespace_id_fkey FOREIGN KEY (namespace_id) REFERENCES public.metadef_namespaces(id);
ALTER TABLE ONLY public.metadef_tags
    ADD CONSTRAINT metadef_tags_namespace_id_fkey FOREIGN KEY (namespace_id) REFERENCES public.metadef_namespaces(id);
ALTER TABLE ONLY public.task_info
    ADD CONSTRAINT task_info_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(id);
