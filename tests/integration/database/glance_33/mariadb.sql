DROP TABLE IF EXISTS `alembic_version`;
CREATE TABLE `alembic_version` (
  `version_num` varchar(32) NOT NULL,
  PRIMARY KEY (`version_num`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `alembic_version` VALUES
('2024_1_contract01');
DROP TABLE IF EXISTS `cached_images`;
CREATE TABLE `cached_images` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `image_id` varchar(36) NOT NULL,
  `last_accessed` datetime NOT NULL,
  `last_modified` datetime NOT NULL,
  `size` bigint(20) NOT NULL,
  `hits` int(11) NOT NULL,
  `checksum` varchar(32) DEFAULT NULL,
  `node_reference_id` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `ix_cached_images_image_id_node_reference_id` (`image_id`,`node_reference_id`),
  KEY `node_reference_id` (`node_reference_id`),
  CONSTRAINT `cached_images_ibfk_1` FOREIGN KEY (`node_reference_id`) REFERENCES `node_reference` (`node_reference_id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `cached_images` VALUES
(1,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','2026-11-27 12:36:30','2026-11-27 12:36:30',3,1,NULL,1);
DROP TABLE IF EXISTS `image_locations`;
CREATE TABLE `image_locations` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `image_id` varchar(36) NOT NULL,
  `value` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` tinyint(1) NOT NULL,
  `meta_data` text DEFAULT NULL,
  `status` varchar(30) NOT NULL DEFAULT 'active',
  PRIMARY KEY (`id`),
  KEY `ix_image_locations_deleted` (`deleted`),
  KEY `ix_image_locations_image_id` (`image_id`),
  CONSTRAINT `image_locations_ibfk_1` FOREIGN KEY (`image_id`) REFERENCES `images` (`id`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`deleted` in (0,1))
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `image_locations` VALUES
(1,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','8iwQ6D1i44QbAaXJno7lNY4VvIGiNrOk2f3tQBIdZygxIKwbtDCJgpqB0n2W8pYNt9LRU5CjF8czBo4hYXmmxvUb6ah7xny1XLlbfDoAaE4=','2026-11-27 12:36:31','2026-11-27 12:36:33',NULL,0,'{\"store\": \"fast\"}','active'),
(2,'6408f86d-65a1-45e5-91f5-25ac4f5bf774','Of2TF_-xwadHKuJUBuJQLA5QnsYY7nUykXf2kdiVGlkz3776AlTyXBf-eQ40JmE5r73tngremhGbG_V8_UVNDmXa5LbopF77-jcM1JsEF2U=','2026-11-27 12:36:36','2026-11-27 12:36:36',NULL,0,'{\"store\": \"slow\"}','active'),
(3,'ae73dd10-72f6-4433-88e0-9b3008a85463','oqvToRUKYvhqHu9faGYADnZNGlouPrOnBK4REJpwMPYAZk6yYB9aPSe-42SE-E0o85hN4_6GqqsG4Om2SnToe6t-V8ztKo7936F-z43Z7h0=','2026-11-27 12:36:37','2026-11-27 12:36:37',NULL,0,'{\"store\": \"slow\"}','active'),
(4,'94741b7e-9f91-47a7-9cfa-83f193478242','6UbP7KGbnaIu3XNrwm1RIqt94jDKLy8yaZfPanHWGwP9Vy4Qb-dgU26ArUTaZFQPD7Bx0yoFFDr5xmpx5kmUxPSAsVzhdWqZihMG-DT2iFY=','2026-11-27 12:36:39','2026-11-27 12:36:39',NULL,0,'{\"store\": \"slow\"}','active'),
(5,'68531861-cbf3-4762-b38d-0d12d3029b97','FqAxN1sahdcP07OQPZnHjxaOAqpnCQTShJ9UwVEh2XqnoeIxOyeXkpKzNh-mKaEjHLr2iTbk-PCdWtaa-Ld59K1JHLLFZ-FaBLZF_IHtbAY=','2026-11-27 12:36:41','2026-11-27 12:36:41','2026-11-27 12:36:41',1,'{\"store\": \"fast\"}','deleted'),
(6,'04eaed8e-9e7f-47d6-9825-c1bf756a720c','IBexTKZhTGJH4efqSbfjScJitWeMJo2fQ81EIRl5PkzoqCHaAiOAx12LX-MqN9EOgnIxHD2w3bZbKwU8Z_H9cvlytpQhLXcUgJCQNZGt3wc=','2026-11-27 12:36:52','2026-11-27 12:36:54',NULL,0,'{\"store\": \"fast\"}','active');
DROP TABLE IF EXISTS `image_members`;
CREATE TABLE `image_members` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `image_id` varchar(36) NOT NULL,
  `member` varchar(255) NOT NULL,
  `can_share` tinyint(1) NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` tinyint(1) NOT NULL,
  `status` varchar(20) NOT NULL DEFAULT 'pending',
  PRIMARY KEY (`id`),
  UNIQUE KEY `image_members_image_id_member_deleted_at_key` (`image_id`,`member`,`deleted_at`),
  KEY `ix_image_members_deleted` (`deleted`),
  KEY `ix_image_members_image_id` (`image_id`),
  KEY `ix_image_members_image_id_member` (`image_id`,`member`),
  CONSTRAINT `image_members_ibfk_1` FOREIGN KEY (`image_id`) REFERENCES `images` (`id`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`can_share` in (0,1)),
  CONSTRAINT `CONSTRAINT_2` CHECK (`deleted` in (0,1))
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `image_members` VALUES
(1,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','accepts',0,'2026-11-27 12:36:33','2026-11-27 12:36:34',NULL,0,'accepted'),
(2,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','waits',0,'2026-11-27 12:36:33','2026-11-27 12:36:33',NULL,0,'pending'),
(3,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','left',0,'2026-11-27 12:36:34','2026-11-27 12:36:35','2026-11-27 12:36:35',1,'pending');
DROP TABLE IF EXISTS `image_properties`;
CREATE TABLE `image_properties` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `image_id` varchar(36) NOT NULL,
  `name` varchar(255) NOT NULL,
  `value` text DEFAULT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` tinyint(1) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `ix_image_properties_image_id_name` (`image_id`,`name`),
  KEY `ix_image_properties_deleted` (`deleted`),
  KEY `ix_image_properties_image_id` (`image_id`),
  CONSTRAINT `image_properties_ibfk_1` FOREIGN KEY (`image_id`) REFERENCES `images` (`id`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`deleted` in (0,1))
) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `image_properties` VALUES
(1,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','os_type','linux','2026-11-27 12:36:30','2026-11-27 12:36:30',NULL,0),
(2,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','empty','','2026-11-27 12:36:30','2026-11-27 12:36:30',NULL,0),
(3,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','gone','soon','2026-11-27 12:36:32','2026-11-27 12:36:33','2026-11-27 12:36:33',1),
(4,'68531861-cbf3-4762-b38d-0d12d3029b97','k','v','2026-11-27 12:36:40','2026-11-27 12:36:42','2026-11-27 12:36:42',1),
(5,'04eaed8e-9e7f-47d6-9825-c1bf756a720c','os_glance_stage_host','http://127.0.0.1:23003','2026-11-27 12:36:42','2026-11-27 12:36:54','2026-11-27 12:36:54',1),
(7,'04eaed8e-9e7f-47d6-9825-c1bf756a720c','os_glance_importing_to_stores','','2026-11-27 12:36:50','2026-11-27 12:36:52',NULL,0),
(8,'04eaed8e-9e7f-47d6-9825-c1bf756a720c','os_glance_failed_import','','2026-11-27 12:36:50','2026-11-27 12:36:50',NULL,0);
DROP TABLE IF EXISTS `image_tags`;
CREATE TABLE `image_tags` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `image_id` varchar(36) NOT NULL,
  `value` varchar(255) NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` tinyint(1) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_image_tags_image_id` (`image_id`),
  KEY `ix_image_tags_image_id_tag_value` (`image_id`,`value`),
  CONSTRAINT `image_tags_ibfk_1` FOREIGN KEY (`image_id`) REFERENCES `images` (`id`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`deleted` in (0,1))
) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `image_tags` VALUES
(1,'04eaed8e-9e7f-47d6-9825-c1bf756a720c','t','2026-11-27 12:36:29','2026-11-27 12:36:29',NULL,0),
(2,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','c','2026-11-27 12:36:30','2026-11-27 12:36:30',NULL,0),
(3,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','b','2026-11-27 12:36:30','2026-11-27 12:36:33','2026-11-27 12:36:33',1),
(4,'544aa4b4-0b83-474a-b18c-c9199f00fcf3','a','2026-11-27 12:36:30','2026-11-27 12:36:30',NULL,0),
(5,'68531861-cbf3-4762-b38d-0d12d3029b97','t','2026-11-27 12:36:40','2026-11-27 12:36:42','2026-11-27 12:36:42',1);
DROP TABLE IF EXISTS `images`;
CREATE TABLE `images` (
  `id` varchar(36) NOT NULL,
  `name` varchar(255) DEFAULT NULL,
  `size` bigint(20) DEFAULT NULL,
  `status` varchar(30) NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` tinyint(1) NOT NULL,
  `disk_format` varchar(20) DEFAULT NULL,
  `container_format` varchar(20) DEFAULT NULL,
  `checksum` varchar(32) DEFAULT NULL,
  `owner` varchar(255) DEFAULT NULL,
  `min_disk` int(11) NOT NULL,
  `min_ram` int(11) NOT NULL,
  `protected` tinyint(1) NOT NULL DEFAULT 0,
  `virtual_size` bigint(20) DEFAULT NULL,
  `visibility` enum('private','public','shared','community') NOT NULL DEFAULT 'shared',
  `os_hidden` tinyint(1) NOT NULL DEFAULT 0,
  `os_hash_algo` varchar(64) DEFAULT NULL,
  `os_hash_value` varchar(128) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `checksum_image_idx` (`checksum`),
  KEY `ix_images_deleted` (`deleted`),
  KEY `owner_image_idx` (`owner`),
  KEY `created_at_image_idx` (`created_at`),
  KEY `updated_at_image_idx` (`updated_at`),
  KEY `visibility_image_idx` (`visibility`),
  KEY `os_hidden_image_idx` (`os_hidden`),
  KEY `os_hash_value_image_idx` (`os_hash_value`),
  CONSTRAINT `CONSTRAINT_2` CHECK (`deleted` in (0,1)),
  CONSTRAINT `CONSTRAINT_3` CHECK (`protected` in (0,1))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `images` VALUES
('04eaed8e-9e7f-47d6-9825-c1bf756a720c','queued',6,'active','2026-11-27 12:36:28','2026-11-27 12:36:54',NULL,0,'raw','bare','d9bd6a906c1874ff572d37eab305c2fc','owner',0,0,0,6,'shared',0,'sha512','c7f7a5c88fa1fe6dd26e6c0996526396d64dd1a311687de90c1d1f66388051cdd0c00ef289cd2a68448f25012b3ccb00dc23440334ae49b1ed3cee175fe91fd9'),
('544aa4b4-0b83-474a-b18c-c9199f00fcf3','full',3,'active','2026-11-27 12:36:30','2026-11-27 12:36:32',NULL,0,'raw','bare','900150983cd24fb0d6963f7d28e17f72','owner',1,2,0,3,'shared',0,'sha512','ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f'),
('6408f86d-65a1-45e5-91f5-25ac4f5bf774','open',4,'active','2026-11-27 12:36:35','2026-11-27 12:36:36',NULL,0,'raw','bare','7cef8a734855777c2a9d0caf42666e69','operators',0,0,0,4,'public',0,'sha512','fbda8fe18e9761785da66d4839b02e9b71363bf9a432499e95c164bcc9586a7221075b93680286b56276d9559b783275c4122e3ce627f530c88bb3fee7b7d1cf'),
('68531861-cbf3-4762-b38d-0d12d3029b97','dropped',7,'deleted','2026-11-27 12:36:40','2026-11-27 12:36:42','2026-11-27 12:36:42',1,'raw','bare','41d368a58ee26891a6a586ddaaa604f8','owner',0,0,0,7,'shared',0,'sha512','5eee4c14436a5e849af140171e52a068cf6456c64194774f1273557cbe06dcda89ac3fb40f41b7cee0987213ff199dc4b5c6731555ada7025f661cfcb7bac268'),
('94741b7e-9f91-47a7-9cfa-83f193478242','own',3,'deactivated','2026-11-27 12:36:38','2026-11-27 12:36:39',NULL,0,'raw','bare','b515e18aa3fbe7d264d7ca5a95ef73e1','operators',0,0,0,3,'private',0,'sha512','bcabe3f2dc4019baf5cc08625ae0aa59f844953301b893666d22d8ceae6978c160915b1bf26145640fa987660ec818aeb684a46372f5946eec7f6205026849ee'),
('ae73dd10-72f6-4433-88e0-9b3008a85463','common',6,'active','2026-11-27 12:36:36','2026-11-27 12:36:37',NULL,0,'raw','bare','9efab2399c7c560b34de477b9aa0a465','operators',0,0,0,6,'community',1,'sha512','c6ae15dadedd06800140dd324152620874e1b08778bbfed5ae0ab3bb3f92def07630dd965bdade2edd56a28bde5524ade7328bf5303203a569660cdf5b6c63b3');
DROP TABLE IF EXISTS `metadef_namespace_resource_types`;
CREATE TABLE `metadef_namespace_resource_types` (
  `resource_type_id` int(11) NOT NULL,
  `namespace_id` int(11) NOT NULL,
  `properties_target` varchar(80) DEFAULT NULL,
  `prefix` varchar(80) DEFAULT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  PRIMARY KEY (`resource_type_id`,`namespace_id`),
  KEY `ix_metadef_ns_res_types_namespace_id` (`namespace_id`),
  CONSTRAINT `metadef_namespace_resource_types_ibfk_1` FOREIGN KEY (`namespace_id`) REFERENCES `metadef_namespaces` (`id`),
  CONSTRAINT `metadef_namespace_resource_types_ibfk_2` FOREIGN KEY (`resource_type_id`) REFERENCES `metadef_resource_types` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `metadef_namespace_resource_types` VALUES
(1,1,'image','hw_','2026-11-27 12:36:56','2026-11-27 12:36:56');
DROP TABLE IF EXISTS `metadef_namespaces`;
CREATE TABLE `metadef_namespaces` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `namespace` varchar(80) NOT NULL,
  `display_name` varchar(80) DEFAULT NULL,
  `description` text DEFAULT NULL,
  `visibility` varchar(32) DEFAULT NULL,
  `protected` tinyint(1) DEFAULT NULL,
  `owner` varchar(255) NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_metadef_namespaces_namespace` (`namespace`),
  KEY `ix_metadef_namespaces_owner` (`owner`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`protected` in (0,1))
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `metadef_namespaces` VALUES
(1,'N::S','Names',NULL,'public',1,'operators','2026-11-27 12:36:53','2026-11-27 12:36:53');
DROP TABLE IF EXISTS `metadef_objects`;
CREATE TABLE `metadef_objects` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `namespace_id` int(11) NOT NULL,
  `name` varchar(80) NOT NULL,
  `description` text DEFAULT NULL,
  `required` text DEFAULT NULL,
  `json_schema` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_metadef_objects_namespace_id_name` (`namespace_id`,`name`),
  KEY `ix_metadef_objects_name` (`name`),
  CONSTRAINT `metadef_objects_ibfk_1` FOREIGN KEY (`namespace_id`) REFERENCES `metadef_namespaces` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `metadef_objects` VALUES
(1,1,'box',NULL,'size','{\"size\": {\"type\": \"integer\", \"title\": \"Size\", \"minimum\": 1}}','2026-11-27 12:36:55','2026-11-27 12:36:55');
DROP TABLE IF EXISTS `metadef_properties`;
CREATE TABLE `metadef_properties` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `namespace_id` int(11) NOT NULL,
  `name` varchar(80) NOT NULL,
  `json_schema` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_metadef_properties_namespace_id_name` (`namespace_id`,`name`),
  KEY `ix_metadef_properties_name` (`name`),
  CONSTRAINT `metadef_properties_ibfk_1` FOREIGN KEY (`namespace_id`) REFERENCES `metadef_namespaces` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `metadef_properties` VALUES
(1,1,'size','{\"name\": \"size\", \"type\": \"integer\", \"title\": \"Size\", \"minimum\": 1}','2026-11-27 12:36:54','2026-11-27 12:36:54');
DROP TABLE IF EXISTS `metadef_resource_types`;
CREATE TABLE `metadef_resource_types` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(80) NOT NULL,
  `protected` tinyint(1) NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_metadef_resource_types_name` (`name`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`protected` in (0,1))
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `metadef_resource_types` VALUES
(1,'OS::Glance::Image',0,'2026-11-27 12:36:56','2026-11-27 12:36:56');
DROP TABLE IF EXISTS `metadef_tags`;
CREATE TABLE `metadef_tags` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `namespace_id` int(11) NOT NULL,
  `name` varchar(80) NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_metadef_tags_namespace_id_name` (`namespace_id`,`name`),
  KEY `ix_metadef_tags_name` (`name`),
  CONSTRAINT `metadef_tags_ibfk_1` FOREIGN KEY (`namespace_id`) REFERENCES `metadef_namespaces` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `metadef_tags` VALUES
(1,1,'small','2026-11-27 12:36:55','2026-11-27 12:36:55');
DROP TABLE IF EXISTS `node_reference`;
CREATE TABLE `node_reference` (
  `node_reference_id` bigint(20) NOT NULL AUTO_INCREMENT,
  `node_reference_url` varchar(255) NOT NULL,
  PRIMARY KEY (`node_reference_id`),
  UNIQUE KEY `uq_node_reference_node_reference_url` (`node_reference_url`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `node_reference` VALUES
(1,'http://node');
DROP TABLE IF EXISTS `task_info`;
CREATE TABLE `task_info` (
  `task_id` varchar(36) NOT NULL,
  `input` text DEFAULT NULL,
  `result` text DEFAULT NULL,
  `message` text DEFAULT NULL,
  PRIMARY KEY (`task_id`),
  CONSTRAINT `task_info_ibfk_1` FOREIGN KEY (`task_id`) REFERENCES `tasks` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `task_info` VALUES
('cbff3987-37d4-48f3-b651-4a0729ee5abc','{\"image_id\": \"04eaed8e-9e7f-47d6-9825-c1bf756a720c\", \"import_req\": {\"method\": {\"name\": \"glance-direct\"}}, \"backend\": [\"fast\"]}','{\"image_id\": \"04eaed8e-9e7f-47d6-9825-c1bf756a720c\"}','Copied 0 MiB');
DROP TABLE IF EXISTS `tasks`;
CREATE TABLE `tasks` (
  `id` varchar(36) NOT NULL,
  `type` varchar(30) NOT NULL,
  `status` varchar(30) NOT NULL,
  `owner` varchar(255) NOT NULL,
  `expires_at` datetime DEFAULT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` tinyint(1) NOT NULL,
  `image_id` varchar(36) DEFAULT NULL,
  `request_id` varchar(64) DEFAULT NULL,
  `user_id` varchar(64) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_tasks_deleted` (`deleted`),
  KEY `ix_tasks_owner` (`owner`),
  KEY `ix_tasks_status` (`status`),
  KEY `ix_tasks_type` (`type`),
  KEY `ix_tasks_updated_at` (`updated_at`),
  KEY `ix_tasks_image_id` (`image_id`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`deleted` in (0,1))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO `tasks` VALUES
('cbff3987-37d4-48f3-b651-4a0729ee5abc','api_image_import','success','owner','2026-11-29 12:36:55','2026-11-27 12:36:43','2026-11-27 12:36:55',NULL,0,'04eaed8e-9e7f-47d6-9825-c1bf756a720c','req-6b90b99d-b50c-4303-b327-a5a73e6b2f4d','user-of-owner');
