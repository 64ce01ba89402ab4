{{/* What the service and the migration have in common: who they are, and what they read. */}}
{{- define "cds.labels" -}}
app.kubernetes.io/name: {{ .Release.Name }}
{{- end }}

{{- define "cds.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "cds.site" -}}
site.toml: {{ required "site is empty: --set-file site=site.toml" .Values.site | quote }}
{{- end }}

{{- define "cds.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "cds.container" -}}
image: {{ include "cds.image" . }}
workingDir: /etc/cds-service
env:
  - { name: CDS_PROFILE, value: production }
  - { name: CDS_CONFIG, value: /etc/cds-service/site.toml }
  - { name: PGSERVICEFILE, value: /run/secrets/cds-service/database.conf }
  - name: CDS_HASH_KEY
    valueFrom:
      secretKeyRef: { name: {{ .Values.secret }}, key: hash-key }
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: site, mountPath: /etc/cds-service, readOnly: true }
  - { name: database, mountPath: /run/secrets/cds-service, readOnly: true }
  - { name: data, mountPath: /data }
{{- end }}

{{- define "cds.secrets" -}}
- name: database
  secret:
    secretName: {{ .Values.secret }}
    items:
      - { key: database.conf, path: database.conf }
{{- end }}
